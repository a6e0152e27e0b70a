import type { AttemptProgram } from '../attempt.ts';

/** The whole environment of a child. Nothing is inherited, so nothing of the worker's can leak. */
export function childEnvironment(
  { taskId, attempt }: Pick<AttemptProgram, 'taskId' | 'attempt'>,
  directory: string,
): Record<string, string> {
  return {
    HOME: directory,
    TMPDIR: directory,
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    RUNFLEET_TASK_ID: taskId,
    RUNFLEET_ATTEMPT: String(attempt),
  };
}
