import { ok, warning, type Finding } from '../finding.ts';

/** One question to a server and its answer; milliseconds since 1970, by the clock of the host but for `serverAt`. */
export interface ClockReading {
  sentAt: number;
  receivedAt: number;
  serverAt: number;
}

const toleratedMs = 5_000;

/** How far this host's clock is from Postgres'. The answer was made between the two moments, so that much is unknown. */
export function judgeClock({ sentAt, receivedAt, serverAt }: ClockReading): Finding {
  const differenceMs = (sentAt + receivedAt) / 2 - serverAt;
  const uncertaintyMs = Math.max(1, Math.round((receivedAt - sentAt) / 2));
  const direction = differenceMs < 0 ? 'behind' : 'ahead of';
  const found = `${Math.round(Math.abs(differenceMs))} ms ${direction} Postgres (±${uncertaintyMs} ms)`;
  if (Math.abs(differenceMs) - uncertaintyMs <= toleratedMs) {
    return ok('clock', found, 'times in logs and heartbeats can be compared');
  }
  return warning(
    'clock',
    found,
    'no decision depends on it, but times in logs and heartbeats mislead',
    'timedatectl set-ntp true',
  );
}
