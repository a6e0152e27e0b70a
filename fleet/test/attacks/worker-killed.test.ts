import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createExecutor } from '../../src/executor/index.ts';
import { eventually, isolationOf } from '../../src/executor/testing/executor-under-test.ts';
import { atEachLevel, expectNothingLeft } from './attack.ts';
import { processesWith } from './marked.ts';

const program = fileURLToPath(new URL('../fixtures/programs/endless-worker.ts', import.meta.url));

await atEachLevel('a worker that is killed', ({ level, table }) => {
  it('leaves nothing running, and the next worker nothing else', async () => {
    const base = mkdtempSync(join(tmpdir(), 'runfleet-worker-killed-'));
    const workRoot = join(base, 'work');
    const mark = randomUUID();
    const worker = spawn(process.execPath, [program, level, workRoot, mark], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = (await once(createInterface(worker.stdout), 'line')) as [string];
      expect(line).toBe('ready');
      await eventually(async () => ((await busiest(mark)) >= 20 ? true : null));

      const exit = once(worker, 'exit');
      worker.kill('SIGKILL');
      await exit;
      await expectNothingLeft(mark);
      table.addText('kill -9 of the worker', level, 'nothing left');

      const next = createExecutor({ workRoot, isolation: await isolationOf(level), poolSize: 0 });
      await next.prepare();
      expect((await readdir(workRoot)).filter((name) => name.startsWith('attempt-'))).toEqual([]);
      await next.close();
    } finally {
      worker.kill('SIGKILL');
      for (const pid of await processesWith(mark)) process.kill(pid, 'SIGKILL');
      rmSync(base, { recursive: true, force: true });
    }
  });
});

/** The CPU time, in ticks, of the process that has used most of it among those with the mark. */
async function busiest(mark: string): Promise<number> {
  const stats = await Promise.all(
    (await processesWith(mark)).map((pid) => readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')),
  );
  return Math.max(
    0,
    ...stats.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[11] ?? 0)),
  );
}
