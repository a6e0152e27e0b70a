import { setTimeout as delay } from 'node:timers/promises';
import { lastLines, type Part } from './part.ts';

/** Waits until `isUp` says so; gives up, with the part's last words, when the part ends or the time is over. */
export async function waitUntilUp(
  part: Part,
  timeoutMs: number,
  isUp: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let ended = false;
  void part.exited.then(() => (ended = true));
  for (;;) {
    if (await isUp().catch(() => false)) return;
    const overdue = Date.now() > deadline;
    if (ended || overdue) {
      const what = ended ? 'ended while it started' : `was not up within ${timeoutMs / 1000} s`;
      if (overdue) await part.stop();
      throw new Error(`${part.name} ${what}. The end of ${part.logFile}:\n${lastLines(part.logFile)}`);
    }
    await delay(50);
  }
}
