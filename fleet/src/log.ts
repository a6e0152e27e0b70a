import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof levels)[number];
export const logLevels: readonly LogLevel[] = levels;

/** One JSON line an event on stdout; on a terminal, the same for people. */
export function createLogger(part: string, level: LogLevel, fields: Record<string, unknown> = {}): Logger {
  const options = { level, base: { part, ...fields }, timestamp: pino.stdTimeFunctions.isoTime };
  if (!process.stdout.isTTY) {
    return pino({ ...options, formatters: { level: (label) => ({ level: label }) } });
  }
  return pino(options, pretty({ sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' }));
}
