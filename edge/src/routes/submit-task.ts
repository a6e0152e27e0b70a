import { insertTask, type NewTask, type Submitted } from '@runfleet/shared/db/insert-task.ts';
import { tooLargeIssue } from '@runfleet/shared/model/storable-text.ts';
import {
  expiresInMsOf,
  inputOf,
  limitsOf,
  retryOf,
  submissionSchema,
  type Submission,
} from '@runfleet/shared/model/task.ts';
import type { Dispatch } from '@runfleet/shared/queue/contract.ts';
import type { Context } from 'hono';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { Settings } from '../bindings.ts';
import type { EdgeContext } from '../context.ts';
import { identify, readIdempotencyKey } from '../idempotency.ts';
import { describeError, log } from '../log.ts';
import { presentTask } from '../present-task.ts';
import { ProblemError } from '../problem.ts';
import { dispatchOne } from '../queue/dispatch.ts';
import { readJsonBody } from '../read-json-body.ts';
import { systemBacklogOf } from '../system-backlog.ts';

/**
 * `POST /tasks`: one request to Postgres, which makes the task ours, and one to Redis, which the client does not wait
 * for. Should that one fail, the reconciler makes up for it.
 */
export async function submitTask(c: Context<EdgeContext>): Promise<Response> {
  const settings = c.get('settings');
  const key = readIdempotencyKey(c.req.raw.headers);
  const body = await readJsonBody(c.req.raw);
  const task = toNewTask(readSubmission(body, settings), c.get('tenantId'));
  const idempotency = await identify(key, body);
  const system = systemBacklogOf(settings);
  const maxUnfinished = system.limitAt(Date.now());
  const submitted = await insertTask(
    c.get('db'),
    task,
    { idempotency, maxUnfinishedOfTenant: settings.maxUnfinishedPerTenant, maxUnfinished },
    settings.timings,
  );
  if (maxUnfinished !== 0 && submitted.systemFull !== null) system.note(submitted.systemFull, Date.now());
  return answer(c, submitted);
}

function toNewTask(submission: Submission, tenantId: string): NewTask {
  return {
    id: uuidv7(),
    tenantId,
    type: submission.type,
    code: submission.code,
    prompt: submission.prompt ?? null,
    timeoutMs: Math.round(submission.timeout * 1000),
    maxAttempts: submission.maxAttempts,
    expiresInMs: expiresInMsOf(submission),
    retry: retryOf(submission),
    input: inputOf(submission),
    limits: limitsOf(submission),
  };
}

function answer(c: Context<EdgeContext>, submitted: Submitted): Response {
  switch (submitted.kind) {
    case 'accepted': {
      const { task } = submitted;
      c.executionCtx.waitUntil(enqueue(c, { taskId: task.id, attempt: 1, type: task.type }));
      return c.json(presentTask(task), 202, { location: `/tasks/${task.id}` });
    }
    case 'replayed': {
      const { task } = submitted;
      const headers = { location: `/tasks/${task.id}`, 'idempotency-replayed': 'true' };
      return c.json(presentTask(task), 200, headers);
    }
    case 'key_reused':
      throw new ProblemError('idempotency_key_reused');
    case 'refused': {
      const { maxUnfinishedPerTenant, maxUnfinished } = c.get('settings');
      throw submitted.full === 'tenant'
        ? new ProblemError('tenant_backlog_full', { limit: maxUnfinishedPerTenant }, retryAfter(5))
        : new ProblemError('system_full', { limit: maxUnfinished }, retryAfter(10));
    }
  }
}

/** From so many seconds to three times as many, so that those who were refused together do not come back together. */
function retryAfter(seconds: number): Record<string, string> {
  return { 'retry-after': String(seconds + Math.floor(Math.random() * (2 * seconds + 1))) };
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
