import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  defaultLimits,
  limitsRequestSchema,
  maxLimits,
  type LimitsRequest,
  type TaskLimits,
} from '../model/task-limits.ts';
import { effectiveLimits, limitPolicy, type LimitPolicy } from './effective-limits.ts';

const policy: LimitPolicy = { defaults: defaultLimits, max: maxLimits };
const names = Object.keys(maxLimits) as (keyof TaskLimits)[];

const count = fc.integer({ min: 1, max: 2 ** 31 });
const allLimits = fc.record({
  cpuMs: count,
  memoryBytes: count,
  outputBytes: count,
  diskBytes: count,
  inodes: count,
  openFiles: count,
  threads: count,
});
const anyPolicy: fc.Arbitrary<LimitPolicy> = fc.record({ defaults: allLimits, max: allLimits });
const anyRequest: fc.Arbitrary<LimitsRequest | null> = fc.option(
  fc.record(
    {
      cpu: fc.double({ min: 0.1, max: 600, noNaN: true }),
      memoryBytes: count,
      outputBytes: count,
      diskBytes: count,
      inodes: count,
      openFiles: count,
      threads: count,
    },
    { requiredKeys: [] },
  ),
);
const anyTimeoutMs = fc.integer({ min: 100, max: 3_600_000 });

function askedFor(request: LimitsRequest | null, name: keyof TaskLimits): number | undefined {
  if (name !== 'cpuMs') return request?.[name];
  return request?.cpu === undefined ? undefined : Math.round(request.cpu * 1000);
}

test('each limit is what was asked for, or the default, and never above the maximum', () => {
  fc.assert(
    fc.property(anyRequest, anyTimeoutMs, anyPolicy, (asked, timeoutMs, { defaults, max }) => {
      const limits = effectiveLimits(asked, timeoutMs, { defaults, max });
      expect(Object.keys(limits).toSorted()).toEqual(names.toSorted());
      for (const name of names) {
        const byDefault = name === 'cpuMs' ? 2 * timeoutMs : defaults[name];
        expect(limits[name]).toBe(Math.min(askedFor(asked, name) ?? byDefault, max[name]));
      }
    }),
  );
});

test('who asks for more never gets less', () => {
  fc.assert(
    fc.property(anyRequest, anyRequest, anyTimeoutMs, anyPolicy, (one, other, timeoutMs, by) => {
      const [limits, others] = [one, other].map((asked) => effectiveLimits(asked, timeoutMs, by));
      for (const name of names) {
        const [asked, alsoAsked] = [askedFor(one, name), askedFor(other, name)];
        if (asked === undefined || alsoAsked === undefined || asked > alsoAsked) continue;
        expect(limits![name]).toBeLessThanOrEqual(others![name]);
      }
    }),
  );
});

test('what the API accepts is what a worker with the same maxima gives, in whole milliseconds', () => {
  const asked = { ...maxLimits, cpu: maxLimits.cpuMs / 1000, cpuMs: undefined };
  const { cpuMs: _, ...request } = asked;
  expect(effectiveLimits(limitsRequestSchema.parse(request), 1_000, policy)).toEqual(maxLimits);
  expect(effectiveLimits({ cpu: 0.1234567 }, 1_000, policy).cpuMs).toBe(123);
});

test('a task that asks for nothing may use two processors until its timeout', () => {
  expect(effectiveLimits(null, 30_000, policy)).toEqual({ ...defaultLimits, cpuMs: 60_000 });
  expect(effectiveLimits({}, 30_000, policy)).toEqual({ ...defaultLimits, cpuMs: 60_000 });
  expect(effectiveLimits(null, 3_600_000, policy).cpuMs).toBe(maxLimits.cpuMs);
});

test("a worker's policy is ours but for what was set, and no default is above its maximum", () => {
  expect(limitPolicy({}, {})).toEqual({ defaults: defaultLimits, max: maxLimits });
  const mib = 1024 * 1024;
  const set = limitPolicy({ threads: 100 }, { memoryBytes: 32 * mib, cpu: 1.5 });
  expect(set.max).toEqual({ ...maxLimits, memoryBytes: 32 * mib, cpuMs: 1_500 });
  expect(set.defaults).toEqual({ ...defaultLimits, memoryBytes: 32 * mib, threads: 100 });
});
