import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Tells the service manager; the words are those of sd_notify(3), as `READY=1`. */
export type Notify = (...assignments: string[]) => Promise<void>;

/** `systemd-notify` waits until systemd has read the message. */
const answerMs = 5_000;

/**
 * The way to the service manager that started this process; null where none did.
 *
 * Node has no datagram sockets of the kind that systemd reads, so each message is a run of `systemd-notify`, some
 * milliseconds. It is a process of its own, hence `NotifyAccess=all` in the units.
 */
export function openNotify(environment: NodeJS.ProcessEnv): Notify | null {
  const { NOTIFY_SOCKET, PATH } = environment;
  if (NOTIFY_SOCKET === undefined) return null;
  const run = promisify(execFile);
  return async (...assignments) => {
    await run('systemd-notify', assignments, { env: { NOTIFY_SOCKET, PATH }, timeout: answerMs });
  };
}
