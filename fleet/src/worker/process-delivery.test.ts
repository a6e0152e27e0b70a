import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noInput, type TaskInput } from '@runfleet/shared/model/task-input.ts';
import { defaultLimits, maxLimits } from '@runfleet/shared/model/task-limits.ts';
import type { ResultPayload } from '@runfleet/shared/queue/contract.ts';
import { defaultTimings } from '@runfleet/shared/model/timings.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nextTaskId } from '../../../shared/test/tasks.ts';
import { collectLog, type CollectedLog } from '../../test/collect-log.ts';
import { createExecutor, type AttemptProgram, type Executor } from '../executor/index.ts';
import { isolationOf } from '../executor/testing/executor-under-test.ts';
import { Company } from './company.ts';
import { Counters } from './counters.ts';
import { Leases, type Lease } from './lease.ts';
import { processDelivery, type DeliveryContext } from './process-delivery.ts';

/** Leases of which a test says itself when they are lost. */
class LosableLeases extends Leases {
  readonly lost = new AbortController();
  released = 0;

  override hold(): Lease {
    return { signal: this.lost.signal, release: () => (this.released += 1) };
  }
}

let workRoot: string;
let executor: Executor;
let log: CollectedLog;
let pushed: ResultPayload[];
let leases: LosableLeases;
let draining: AbortController;

beforeEach(async () => {
  workRoot = await mkdtemp(join(tmpdir(), 'runfleet-delivery-'));
  executor = createExecutor({ workRoot, isolation: await isolationOf('process'), poolSize: 0 });
  await executor.prepare();
  log = collectLog();
  pushed = [];
  leases = new LosableLeases(defaultTimings);
  draining = new AbortController();
});
afterEach(async () => {
  await executor.close();
  expect(leases.released).toBe(1);
  expect(await readdir(workRoot)).toEqual([]);
  await rm(workRoot, { recursive: true });
});

function contextOf(code: string, but: Partial<DeliveryContext> = {}): DeliveryContext {
  return {
    workerId: 'worker-1',
    claim: (delivery) => Promise.resolve({ ...delivery, code, timeoutMs: 20_000, input: null, limits: null }),
    readCrashes: () => Promise.resolve(0),
    company: new Company(),
    executor,
    limits: { defaults: defaultLimits, max: maxLimits },
    push: (result) => {
      pushed.push(result);
      return Promise.resolve();
    },
    leases,
    counters: new Counters(),
    draining: draining.signal,
    abandoned: new AbortController().signal,
    logger: log.logger,
    ...but,
  };
}

const someJob = (data: unknown = { taskId: nextTaskId(), attempt: 2 }) => ({
  id: 'job',
  data,
  attemptsStarted: 3,
});

test('what was claimed runs, and its outcome is pushed with its fence', async () => {
  const job = someJob();
  const context = contextOf('console.log(2+2)');
  await processDelivery(job, context);
  expect(pushed).toMatchObject([
    {
      ...(job.data as object),
      delivery: 3,
      workerId: 'worker-1',
      outcome: { kind: 'ended', reason: 'ok', stdout: { text: '4\n' } },
    },
  ]);
  expect(context.counters.read()).toMatchObject({ claimed: 1, completed: 1, dropped: 0 });
  expect(context.counters.running).toEqual([]);
});

test('the code gets what its submission gave it, and the limits it asked for as far as the worker goes', async () => {
  const programs: AttemptProgram[] = [];
  const watched: Executor = {
    ...executor,
    run: (program) => {
      programs.push(program);
      return executor.run(program);
    },
  };
  const input: TaskInput = { stdin: 'in', args: ['-x'], env: { A: 'b' }, files: [] };
  const plain = contextOf('1', { executor: watched });
  const job = someJob();
  const asked = { cpu: 1.5, threads: 200, openFiles: 100 };
  await processDelivery(job, {
    ...plain,
    limits: { defaults: defaultLimits, max: { ...maxLimits, threads: 100 } },
    claim: async (delivery) => ({ ...(await plain.claim(delivery))!, input, limits: asked }),
  });
  await processDelivery(someJob(), plain);
  expect(programs).toEqual([
    {
      ...(job.data as object),
      code: '1',
      timeoutMs: 20_000,
      input,
      limits: { ...defaultLimits, cpuMs: 1_500, threads: 100, openFiles: 100 },
    },
    expect.objectContaining({ input: noInput, limits: { ...defaultLimits, cpuMs: 40_000 } }),
  ]);
  leases.released -= 1;
});

test('an attempt that is gone drops its job, which is no fault', async () => {
  const context = contextOf('', { claim: () => Promise.resolve(null) });
  await processDelivery(someJob(), context);
  expect(pushed).toEqual([]);
  expect(context.counters.read()).toMatchObject({ claimed: 0, dropped: 1 });
});

test('a claim and a push that fail are tried again', async () => {
  const failures = { claim: 2, push: 2 };
  const failFirst = (what: keyof typeof failures) => {
    if (failures[what] === 0) return;
    failures[what] -= 1;
    throw new Error(`${what} failed`);
  };
  const plain = contextOf('');
  await processDelivery(someJob(), {
    ...plain,
    claim: async (delivery) => {
      failFirst('claim');
      return plain.claim(delivery);
    },
    push: async (result) => {
      failFirst('push');
      return plain.push(result);
    },
  });
  expect(pushed).toHaveLength(1);
  expect([log.count('claim_failed'), log.count('push_failed')]).toEqual([2, 2]);
});

test('a drain does not wait for a claim that fails: the job goes back unclaimed', async () => {
  draining.abort();
  const context = contextOf('', { claim: () => Promise.reject(new Error('no Postgres')) });
  await expect(processDelivery(someJob(), context)).rejects.toThrow('no Postgres');
  expect(context.counters.read()).toMatchObject({ claimed: 0 });
});

test('an outcome that cannot be pushed is given up when the drain has taken its time', async () => {
  const abandoned = new AbortController();
  const push = () => {
    abandoned.abort();
    return Promise.reject(new Error('no Redis'));
  };
  const context = contextOf('', { push, abandoned: abandoned.signal });
  await expect(processDelivery(someJob(), context)).rejects.toThrow('no Redis');
});

test('an attempt whose lease is lost is stopped and given back', async () => {
  const claimed = Promise.withResolvers<void>();
  const context = contextOf('setInterval(() => {}, 1000)');
  const counters = context.counters;
  const claim: DeliveryContext['claim'] = async (delivery) => {
    setImmediate(() => claimed.resolve());
    return context.claim(delivery);
  };
  const done = processDelivery(someJob(), { ...context, claim });
  await claimed.promise;
  leases.lost.abort();
  await done;
  expect(pushed).toMatchObject([{ outcome: { kind: 'given_back', cause: 'lease_lost' } }]);
  expect(counters.read()).toMatchObject({ claimed: 1, givenBack: 1 });
});

test('a lease that is lost while the claim is under way runs nothing', async () => {
  const plain = contextOf('console.log("never")');
  await processDelivery(someJob(), {
    ...plain,
    claim: (delivery) => {
      leases.lost.abort();
      return plain.claim(delivery);
    },
  });
  expect(pushed).toMatchObject([{ outcome: { kind: 'given_back', cause: 'lease_lost' } }]);
});

test('a job that is not ours fails, before anything is held', async () => {
  await expect(processDelivery(someJob({ taskId: 'what?' }), contextOf(''))).rejects.toThrow();
  expect(pushed).toEqual([]);
  leases.released += 1;
});

test('an attempt that could make its task poison runs alone: it waits for the others, and is claimed after that', async () => {
  const company = new Company();
  const leave = await company.enter(false, new AbortController().signal);
  const claims: number[] = [];
  const context = contextOf('console.log(1)', { company, readCrashes: () => Promise.resolve(2) });
  const { claim } = context;
  context.claim = (delivery) => {
    claims.push(performance.now());
    return claim(delivery);
  };
  const processed = processDelivery(someJob({ taskId: nextTaskId(), attempt: 3 }), context);
  await new Promise((resolve) => setImmediate(resolve));
  expect(claims).toEqual([]);
  leave();
  await processed;
  expect(claims).toHaveLength(1);
  expect(pushed).toMatchObject([{ attempt: 3, outcome: { reason: 'ok' } }]);
});

test('an attempt that waits to be alone fails its job when the worker drains, unclaimed', async () => {
  const company = new Company();
  const leave = await company.enter(false, new AbortController().signal);
  const context = contextOf('', { company, readCrashes: () => Promise.resolve(2) });
  context.claim = () => expect.unreachable('nothing may be claimed');
  const processed = processDelivery(someJob({ taskId: nextTaskId(), attempt: 3 }), context);
  draining.abort();
  await expect(processed).rejects.toThrow('aborted');
  leave();
  expect(pushed).toEqual([]);
});
