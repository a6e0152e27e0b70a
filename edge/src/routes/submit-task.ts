import { insertTask, type NewTask } from '@runfleet/shared/db/insert-task.ts';
import { tooLargeIssue } from '@runfleet/shared/model/storable-text.ts';
import { inputOf, limitsOf, submissionSchema, type Submission } from '@runfleet/shared/model/task.ts';
import type { Dispatch } from '@runfleet/shared/queue/contract.ts';
import type { Context } from 'hono';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { Settings } from '../bindings.ts';
import type { EdgeContext } from '../context.ts';
import { describeError, log } from '../log.ts';
import { presentTask } from '../present-task.ts';
import { ProblemError } from '../problem.ts';
import { dispatchOne } from '../queue/dispatch.ts';
import { readJsonBody } from '../read-json-body.ts';

/**
 * `POST /tasks`: one request to Postgres, which makes the task ours, and one to Redis, which the client does not wait
 * for. Should that one fail, the reconciler makes up for it.
 */
export async function submitTask(c: Context<EdgeContext>): Promise<Response> {
  const submission = readSubmission(await readJsonBody(c.req.raw), c.get('settings'));
  const task: NewTask = {
    id: uuidv7(),
    tenantId: c.get('tenantId'),
    type: submission.type,
    code: submission.code,
    prompt: submission.prompt ?? null,
    timeoutMs: Math.round(submission.timeout * 1000),
    maxAttempts: submission.maxAttempts,
    input: inputOf(submission),
    limits: limitsOf(submission),
  };
  const createdAt = await insertTask(c.get('db'), task, c.get('settings').timings);
  c.executionCtx.waitUntil(enqueue(c, { taskId: task.id, attempt: 1, type: task.type }));

  const accepted = presentTask({
    ...task,
    status: 'queued',
    reason: null,
    attempt: 1,
    workerId: null,
    createdAt,
    startedAt: null,
    endedAt: null,
  });
  return c.json(accepted, 202, { location: `/tasks/${task.id}` });
}

async function enqueue(c: Context<EdgeContext>, attempt: Dispatch): Promise<void> {
  try {
    await dispatchOne(c.get('redis'), attempt);
  } catch (error) {
    log('warn', 'enqueue_failed', {
      requestId: c.get('requestId'),
      taskId: attempt.taskId,
      error: describeError(error),
    });
  }
}

/** Building a schema costs more than using it. */
const schemaOf = new WeakMap<Settings, ReturnType<typeof submissionSchema>>();

function readSubmission(body: unknown, settings: Settings): Submission {
  let schema = schemaOf.get(settings);
  if (schema === undefined) schemaOf.set(settings, (schema = submissionSchema(settings)));
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.slice(0, 20).map(presentIssue);
  throw new ProblemError(parsed.error.issues.some(isTooLarge) ? 'too_large' : 'invalid_task', { errors });
}

function isTooLarge(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'custom' && issue.params?.['kind'] === tooLargeIssue;
}

function presentIssue(issue: z.core.$ZodIssue): { path: string; message: string } {
  return { path: issue.path.join('.'), message: issue.message.slice(0, 300) };
}
