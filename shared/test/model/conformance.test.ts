import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../database.ts';
import { startWorker } from '../tasks.ts';
import { anyStatement } from './conformance/statement.ts';
import { Twins, type Workers } from './conformance/twins.ts';
import { mutants } from './mutants.ts';
import { ourRules } from './rules.ts';
import { anyProgram } from './simulation/program.ts';
import type { StepFunction } from './task-machine.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());

const workers: Workers = {
  w1: await startWorker(db, 'w1'),
  w2: await startWorker(db, 'w2'),
  replaced: { id: 'w1', instance: randomUUID() },
};

/** Postgres and the machine do the same, whatever comes. */
function postgresDoesAs(step: StepFunction) {
  return fc.asyncProperty(
    fc.array(anyProgram, { minLength: 1, maxLength: 3 }),
    fc.array(anyStatement, { minLength: 1, maxLength: 60, size: 'max' }),
    async (programs, statements) => {
      await db.deleteFrom('tasks').execute();
      const twins = new Twins(db, step, workers);
      for (const program of programs) await twins.submit(program);
      for (const statement of statements) {
        await twins.carryOut(statement);
        await twins.compare();
      }
    },
  );
}

test('whatever is asked of both, Postgres and the machine do the same', { timeout: 120_000 }, async () => {
  await fc.assert(postgresDoesAs(ourRules.step), { numRuns: 60 });
});

test('a machine that does something else is found out', async () => {
  const { step } = { ...ourRules, ...mutants['no fence when an outcome is recorded']!.rules };
  const { failed } = await fc.check(postgresDoesAs(step), { numRuns: 100, endOnFailure: true });
  expect(failed).toBe(true);
});
