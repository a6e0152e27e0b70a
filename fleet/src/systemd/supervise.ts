import { explain } from '../explain-failure.ts';
import type { Logger } from '../log.ts';
import { nextMessage } from './next-message.ts';
import { openNotify } from './notify.ts';

/** What a service manager is told of. */
export interface Supervised {
  /** In a few words, as `3 running, 120 done`. */
  status(): string;
  /** Whether it still does its work. It must not depend on Redis or Postgres: their absence is endured, not restarted. */
  isAlive(): boolean;
  /** How long `drain` may take at most. */
  stopTimeoutMs: number;
}

export interface Supervision {
  /** No more beats; the service manager waits as long as it has to. */
  stopping(): Promise<void>;
}

/** The status is told anew this often at most. */
const lookEveryMs = 5_000;

/**
 * Says that the part is ready, and from then on how it is, and feeds the watchdog. Does nothing where no service manager
 * listens.
 *
 * The timer turns in the loop that does the work, so a loop that is blocked feeds no watchdog, and is restarted.
 */
export async function supervise(
  part: Supervised,
  environment: NodeJS.ProcessEnv,
  logger: Logger,
): Promise<Supervision> {
  const notify = openNotify(environment);
  if (notify === null) return { stopping: () => Promise.resolve() };

  const watchdogMs = watchdogOf(environment);
  // Half of it is what systemd asks for; a third leaves one beat to be late.
  const beatEveryMs = watchdogMs === null ? null : watchdogMs / 3;
  let toldStatus = '';
  let beatAtMs = performance.now();
  let underWay: Promise<void> = Promise.resolve();
  let isTelling = false;

  async function tell(...message: string[]): Promise<void> {
    isTelling = true;
    await notify?.(...message).catch((error: unknown) => {
      logger.warn({ event: 'notify_failed', error: explain(error) });
    });
    isTelling = false;
  }
  function look(): void {
    if (isTelling) return;
    const state = { alive: part.isAlive(), status: part.status(), toldStatus };
    const nowMs = performance.now();
    const message = nextMessage({ ...state, sinceBeatMs: nowMs - beatAtMs }, beatEveryMs);
    if (message.length === 0) return;
    toldStatus = state.status;
    if (message.includes('WATCHDOG=1')) beatAtMs = nowMs;
    underWay = tell(...message);
  }

  toldStatus = part.status();
  await tell('READY=1', `STATUS=${toldStatus}`);
  const timer = setInterval(look, Math.min(lookEveryMs, (beatEveryMs ?? Infinity) / 2));
  return {
    async stopping() {
      clearInterval(timer);
      await underWay;
      // TimeoutStopSec= is for the default drain; one that is configured to be longer gets its time too.
      await tell('STOPPING=1', 'STATUS=draining', `EXTEND_TIMEOUT_USEC=${part.stopTimeoutMs * 1000}`);
    },
  };
}

/** How long this process may be silent; null when nobody watches it. */
function watchdogOf({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | null {
  const watched = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid;
  const microseconds = Number(WATCHDOG_USEC);
  return watched && microseconds > 0 ? microseconds / 1000 : null;
}
