import type { Selectable } from 'kysely';
import type { RetryPolicy } from '../model/retry.ts';
import type { Tasks } from './schema.ts';

/** The columns of a task that its reader sees; the code is not among them, it can be large. */
export const taskSummaryColumns = [
  'tasks.id',
  'tasks.type',
  'tasks.prompt',
  'tasks.status',
  'tasks.reason',
  'tasks.attempt',
  'tasks.maxAttempts',
  'tasks.retry',
  'tasks.retries',
  'tasks.workerId',
  'tasks.timeoutMs',
  'tasks.createdAt',
  'tasks.expiresAt',
  'tasks.startedAt',
  'tasks.endedAt',
] as const;

export interface TaskSummaryRow extends Pick<
  Selectable<Tasks>,
  | 'id'
  | 'type'
  | 'prompt'
  | 'status'
  | 'reason'
  | 'attempt'
  | 'maxAttempts'
  | 'retries'
  | 'workerId'
  | 'timeoutMs'
  | 'createdAt'
  | 'expiresAt'
  | 'startedAt'
  | 'endedAt'
> {
  /** Null when its submission asked for none. */
  retry: RetryPolicy | null;
}
