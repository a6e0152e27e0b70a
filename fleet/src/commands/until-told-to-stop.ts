import type { Logger } from '../log.ts';

/** Something that runs until it is told to stop. */
export interface Stoppable {
  /** Stops in order. */
  drain(): Promise<void>;
  /** Ends what must not outlive the process; called just before an exit without order. */
  kill?: () => void;
}

/**
 * Runs until SIGTERM or SIGINT, then drains; a second signal ends the process at once.
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
  const exitCode = await Promise.race([told.promise.then(() => 0), failed.then(() => 1)]);
  await running.drain();
  process.exit(exitCode);
}
