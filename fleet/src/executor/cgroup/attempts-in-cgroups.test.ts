import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isolationLevels } from '@runfleet/shared/model/outcome.ts';
import { describe, expect, it } from 'vitest';
import { delegationHere } from '../testing/delegation-here.ts';
import { executorUnderTest, isolationOf } from '../testing/executor-under-test.ts';

const { delegation, missing } = delegationHere();
const holdsMemory = delegation?.controllers.includes('memory') === true;
const mib = 1024 * 1024;
const limits = { memoryBytes: 64 * mib, diskBytes: 64 * mib, openFiles: 512 };

/** Unread bytes in sockets are the kernel's memory, which no process is seen to hold. */
const sockets = (count: number) => `
  const net = require('node:net');
  const bytes = Buffer.alloc(${mib});
  const server = net.createServer((socket) => socket.pause().on('error', () => {}));
  server.listen(0, '127.0.0.1', () => {
    for (let i = 0; i < ${count}; i++) {
      const socket = net.connect(server.address().port, '127.0.0.1').on('error', () => {});
      socket.on('connect', () => { for (let j = 0; j < 16; j++) socket.write(bytes); });
    }
  });
  setTimeout(() => process.exit(), 6_000);`;

for (const level of isolationLevels) {
  const isolation = await isolationOf(level).catch(() => null);
  const reason = missing === null ? '' : `: ${missing.why}`;
  describe.skipIf(!holdsMemory || isolation === null)(
    `attempts in control groups, at ${level}${reason}`,
    () => {
      const under = executorUnderTest({ level, poolSize: 1 });

      it('say so', () => {
        expect(under.executor.status().isolation.parts).toMatchObject({
          memory: expect.stringMatching(/^cgroup, /),
        });
      });

      it('are ended for memory that no look at the process shows', async () => {
        const outcome = await under.run(sockets(200), { limits });
        expect(outcome).toMatchObject({
          reason: 'memory_limit',
          killedBy: 'limit',
          limit: 'memory',
          signal: 'SIGKILL',
        });
        expect(outcome.memoryPeakBytes).toBeGreaterThan(100 * mib);
      });

      it('keep their own signal, however much they hold', async () => {
        const code = `globalThis.kept = Buffer.alloc(${60 * mib}, 1); process.kill(process.pid, 'SIGKILL');`;
        expect(await under.run(code, { limits })).toMatchObject({
          reason: 'signal',
          killedBy: 'task',
          limit: null,
        });
      });

      it('may have all their memory and all their disk at once, and are told the peak', async () => {
        const code = `
        for (let i = 0; i < 15; i++) require('node:fs').writeFileSync('f' + i, Buffer.alloc(${4 * mib}, 1));
        globalThis.kept = Buffer.alloc(${56 * mib}, 1); console.log('fits');`;
        const outcome = await under.run(code, { limits });
        expect(outcome).toMatchObject({ reason: 'ok', stdout: { text: 'fits\n' } });
        expect(outcome.memoryPeakBytes).toBeGreaterThan(56 * mib);
      });

      it('leave no group', async () => {
        await under.run(`console.log(1)`);
        await under.executor.close();
        const groups = readdirSync(delegation!.directory).filter((name) =>
          name.startsWith('runfleet-attempts-'),
        );
        expect(groups.filter((name) => existsSync(join(delegation!.directory, name, '1')))).toEqual([]);
      });
    },
  );
}
