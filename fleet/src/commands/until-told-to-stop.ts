import type { Logger } from '../log.ts';
import { supervise, type Supervised } from '../systemd/supervise.ts';

/** Something that runs until it is told to stop. */
export interface Stoppable extends Supervised {
  /** Stops in order. */
  drain(): Promise<void>;
  /** Ends what must not outlive the process; called just before an exit without order. */
  kill?: () => void;
}

/**
 * Runs until SIGTERM or SIGINT, then drains; a second signal ends the process at once. Started by systemd, it says that
 * it is ready, and how it is.
 *
 * @param failed settles if it has to end by itself; the exit code is 1 then
 */
export async function untilToldToStop(
  running: Stoppable,
  logger: Logger,
  failed: Promise<void> = new Promise(() => {}),
): Promise<void> {
  const told = Promise.withResolvers<void>();
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    signals += 1;
    logger.info({ event: 'signal', signal });
    if (signals > 1) {
      running.kill?.();
      process.exit(1);
    }
    told.resolve();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const supervision = await supervise(running, process.env, logger);
  const exitCode = await Promise.race([told.promise.then(() => 0), failed.then(() => 1)]);
  // Told beside the drain, which must not wait for it.
  await Promise.all([running.drain(), supervision.stopping()]);
  process.exit(exitCode);
}
