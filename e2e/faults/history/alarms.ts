import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What no fault may bring about, whatever it breaks. */
const alarm =
  /"level":"fatal"|Unhandled 'error' event|UnhandledPromiseRejection|uncaughtException|ERR_ASSERTION|"event":"result_failed"|"event":"outcome_unrecordable"|"event":"leftover"/;

export function readAlarms(logDir: string): string[] {
  return readdirSync(logDir)
    .filter((name) => /^(worker|recorder|.*gateway|edge)/.test(name))
    .flatMap((name) =>
      readFileSync(join(logDir, name), 'utf8')
        .split('\n')
        .filter((line) => alarm.test(line))
        .map((line) => `${name}: ${line.slice(0, 400)}`),
    );
}
