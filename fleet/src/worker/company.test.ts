import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Company } from './company.ts';

const never = new AbortController().signal;

/** Enters, and says whether it is inside yet. */
function visit(company: Company, alone: boolean, signal = never) {
  const visitor = { inside: false, leave: () => {}, failed: null as unknown };
  const entered = company.enter(alone, signal).then(
    (leave) => Object.assign(visitor, { inside: true, leave }),
    (error: unknown) => Object.assign(visitor, { failed: error }),
  );
  return Object.assign(visitor, { entered });
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('any number is inside together', async () => {
  const company = new Company();
  const visitors = [visit(company, false), visit(company, false), visit(company, false)];
  await settle();
  expect(visitors.map(({ inside }) => inside)).toEqual([true, true, true]);
});

test('one that must be alone waits for the others to leave, and those that come after it wait for it', async () => {
  const company = new Company();
  const first = visit(company, false);
  await settle();
  const alone = visit(company, true);
  const later = visit(company, false);
  await settle();
  expect([alone.inside, later.inside]).toEqual([false, false]);
  first.leave();
  first.leave();
  await settle();
  expect([alone.inside, later.inside]).toEqual([true, false]);
  alone.leave();
  await settle();
  expect(later.inside).toBe(true);
});

test('one that gives up lets those behind it in', async () => {
  const company = new Company();
  const first = visit(company, false);
  await settle();
  const patience = new AbortController();
  const alone = visit(company, true, patience.signal);
  const later = visit(company, false);
  patience.abort(new Error('the lease is lost'));
  await settle();
  expect(alone.failed).toEqual(new Error('the lease is lost'));
  expect([first.inside, later.inside]).toEqual([true, true]);
  await expect(company.enter(true, patience.signal)).rejects.toThrow('the lease is lost');
  await expect(company.enter(false, patience.signal)).resolves.toBeTypeOf('function');
});

test('whoever comes and goes: nobody is beside one that must be alone, and all come in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 20 }), async (visitors) => {
      const company = new Company();
      let inside = 0;
      let isAlone = false;
      await Promise.all(
        visitors.map(async (alone) => {
          const leave = await company.enter(alone, never);
          expect(isAlone || (alone && inside > 0)).toBe(false);
          inside += 1;
          isAlone = alone;
          await settle();
          inside -= 1;
          isAlone = false;
          leave();
        }),
      );
    }),
  );
});
