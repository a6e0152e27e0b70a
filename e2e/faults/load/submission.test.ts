import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { shares } from './programs.ts';
import { planLoad, type LoadPlan } from './submission.ts';

const plan: LoadPlan = {
  prefix: 'test',
  perSecond: 20,
  forMs: 10_000,
  shares,
  ledgerFile: '/tmp/ledger',
};
const load = (seed: string, change: Partial<LoadPlan> = {}) =>
  planLoad(new Random(seed), { ...plan, ...change });

test('the same seed sends the same, another one does not', () => {
  expect(load('1')).toEqual(load('1'));
  expect(load('1')).not.toEqual(load('2'));
});

test('each hundred tasks have every kind in its share, and each key is used once', () => {
  const submissions = load('1');
  expect(submissions).toHaveLength(200);
  const counts = Object.fromEntries(
    [...Map.groupBy(submissions, ({ kind }) => kind)].map(([kind, ofKind]) => [kind, ofKind.length]),
  );
  expect(counts).toEqual({ quick: 128, failing: 20, suicidal: 10, poison: 2, large: 4, slow: 30, long: 6 });
  expect(new Set(submissions.map(({ key }) => key)).size).toBe(200);
});

test('about every seventh is sent twice', () => {
  const repeated = load('1', { forMs: 100_000 }).filter(({ repeatAfterMs }) => repeatAfterMs !== null);
  expect(repeated.length).toBeGreaterThan(240);
  expect(repeated.length).toBeLessThan(360);
});

test('kinds can be left out', () => {
  expect(load('1', { shares: { ...shares, poison: 0 } }).some(({ kind }) => kind === 'poison')).toBe(false);
});
