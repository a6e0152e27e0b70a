import { isolationLevels } from '@runfleet/shared/model/outcome.ts';
import { describe, expect, it } from 'vitest';
import { tryCanaries } from '../../src/executor/isolation/detect.ts';
import { executorUnderTest } from '../../src/executor/testing/executor-under-test.ts';
import { nodeMajor } from './compare-with-node.ts';
import { findIsolation } from './find-isolation.ts';

/** At `process` there is no wall around these, but that the permission model of Node 26 has one around the network. */
const openAtProcess = ['other processes', ...(nodeMajor < 26 ? ['network'] : []), 'disk'];

/** Flags, system calls and memory differ from one Node to the next; the walls around it must not. */
for (const level of isolationLevels) {
  const { isolation, missing } = await findIsolation(level);
  describe.skipIf(isolation === null)(`at ${level}${missing === null ? '' : `: ${missing}`}`, () => {
    const under = executorUnderTest(isolation === null ? {} : { isolation, poolSize: 1 });

    it('the walls hold', async () => {
      const results = await tryCanaries(isolation!);
      const open = results.filter(({ escape }) => escape !== null).map(({ wall }) => wall);
      expect(open).toEqual(level === 'process' ? openAtProcess : []);
    });

    it('a Worker works, and nothing is said of it', async () => {
      const code = `new (require('node:worker_threads').Worker)('console.log(6 * 7)', { eval: true })`;
      const outcome = await under.run(code);
      expect(outcome).toMatchObject({ reason: 'ok', stdout: { text: '42\n' }, stderr: { text: '' } });
    });

    it.each([
      ['a heap', 'const kept = []; for (;;) kept.push({ at: kept.length });'],
      ['Buffers', 'const kept = []; for (;;) kept.push(Buffer.alloc(2 ** 20, 1));'],
    ])('memory is limited: %s', async (_, code) => {
      const limits = { memoryBytes: 64 * 1024 * 1024 };
      expect(await under.run(code, { limits })).toMatchObject({ reason: 'memory_limit', limit: 'memory' });
    });

    it.skipIf(level === 'process')('there is no network', async () => {
      const outcome = await under.run(`await fetch('http://127.0.0.1:1')`);
      expect(outcome).toMatchObject({ reason: 'uncaught_error', error: { message: 'fetch failed' } });
    });
  });
}
