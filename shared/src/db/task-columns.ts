import type { Selectable } from 'kysely';
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
  'tasks.workerId',
  'tasks.timeoutMs',
  'tasks.createdAt',
  'tasks.startedAt',
  'tasks.endedAt',
] as const;

export type TaskSummaryRow = Pick<
  Selectable<Tasks>,
  | 'id'
  | 'type'
  | 'prompt'
  | 'status'
  | 'reason'
  | 'attempt'
  | 'maxAttempts'
  | 'workerId'
  | 'timeoutMs'
  | 'createdAt'
  | 'startedAt'
  | 'endedAt'
>;
