import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EndedOutcome, IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import { expect, it } from 'vitest';
import { createExecutor } from '../../src/executor/index.ts';
import { isolationOf } from '../../src/executor/testing/executor-under-test.ts';
import { atEachLevel } from './attack.ts';

/**
 * Programs that kill what they can. At `process` they reach the worker, and here that would be the whole machine; so
 * each runs with a worker of its own, in a pid namespace of its own.
 */
const worker = fileURLToPath(new URL('../fixtures/programs/worker-in-danger.ts', import.meta.url));
const namespace = ['--pid', '--fork', '--kill-child', '--mount-proc'];
const canUnshare = spawnSync('unshare', [...namespace, 'true']).status === 0;

type Effect = 'none' | 'killed' | 'inspector opened';

interface Killing {
  name: string;
  code: string;
  effect: Record<IsolationLevel, Effect>;
}

/** At `process` the code is a process of the worker's user beside it, and Node's permission model allows signals. */
const kills = { process: 'killed', sandbox: 'none' } as const;

const killings: Killing[] = [
  { name: 'its parent', code: `process.kill(process.ppid, 'SIGKILL');`, effect: kills },
  {
    name: 'its parent, with SIGTERM and SIGSEGV',
    code: `for (const name of ['SIGTERM', 'SIGSEGV']) process.kill(process.ppid, name);`,
    effect: kills,
  },
  { name: 'everything: kill(-1)', code: `process.kill(-1, 'SIGKILL');`, effect: kills },
  {
    name: 'every process up to 65535',
    code: `for (let pid = 1; pid < 65536; pid++) if (pid !== process.pid) try { process.kill(pid, 'SIGKILL'); } catch {}`,
    effect: kills,
  },
  {
    name: 'nobody, but opens the inspector of every process',
    code: `for (let pid = 1; pid < 4096; pid++) if (pid !== process.pid) try { process.kill(pid, 'SIGUSR1'); } catch {} setTimeout(() => {}, 300);`,
    effect: { process: 'none', sandbox: 'none' },
  },
];

await atEachLevel('killing', ({ level, table }) => {
  it.skipIf(!canUnshare).each(killings)('$name', async ({ name, code, effect }) => {
    const { status, stderr, outcomes } = await runInDanger(level, code);
    const seen: Effect = stderr.includes('Debugger listening')
      ? 'inspector opened'
      : status === 0
        ? 'none'
        : 'killed';
    const reason = outcomes[0]?.reason;
    table.addText(name, level, seen === 'none' ? `\`${reason}\`` : `**reached**: the worker (${seen})`);
    expect(seen, stderr).toBe(effect[level]);
    if (seen === 'none') expect(outcomes[1]).toMatchObject({ reason: 'ok', stdout: { text: 'next\n' } });
  });
});

async function runInDanger(level: IsolationLevel, code: string) {
  const base = mkdtempSync(join(tmpdir(), 'runfleet-attack-killing-'));
  const workRoot = join(base, 'work');
  const file = join(base, 'code.js');
  writeFileSync(file, code);
  try {
    // The shell is process 1, which is out of reach of the others; so the worker is not.
    const command = ['sh', '-c', '"$@"; exit $?', 'sh', process.execPath, worker, level, workRoot, file];
    const { status, stdout, stderr } = spawnSync('unshare', [...namespace, ...command], {
      encoding: 'utf8',
      timeout: 25_000,
      killSignal: 'SIGKILL',
    });
    const outcomes = stdout
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as EndedOutcome]));
    // Removes what a worker that was killed has left, as its successor does.
    const next = createExecutor({ workRoot, isolation: await isolationOf(level), poolSize: 0 });
    await next.prepare();
    await next.close();
    return { status, stderr, outcomes };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}
