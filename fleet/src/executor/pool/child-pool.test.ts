import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../testing/executor-under-test.ts';
import { ChildPool, type Poolable } from './child-pool.ts';

interface Sleeper extends Poolable {
  pid: number;
}

const alive = new Set<number>();

/** A real process that waits, as a child of the executor does. */
async function startSleeper(): Promise<Sleeper> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const pid = child.pid!;
  alive.add(pid);
  const gone = once(child, 'exit').then(() => alive.delete(pid));
  return {
    pid,
    gone,
    async discard() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

const pools: ChildPool<Sleeper>[] = [];
function poolOf(size: number, start = startSleeper) {
  const pool = new ChildPool(size, start);
  pools.push(pool);
  return pool;
}
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  expect([...alive]).toEqual([]);
});

function full(pool: ChildPool<Sleeper>, waiting: number) {
  return eventually(async () => (pool.status().waiting === waiting ? true : null));
}

describe('a pool', () => {
  it('starts nothing before it is told to', async () => {
    const pool = poolOf(2);
    await turn();
    expect(pool.status()).toEqual({ waiting: 0, hits: 0, misses: 0, replaced: 0, spawnFailures: 0 });
  });

  it('gives each child once, and starts another for it', async () => {
    const pool = poolOf(2);
    pool.fill();
    await full(pool, 2);
    const taken = [pool.take(), pool.take(), pool.take()];
    expect(taken[2]).toBeNull();
    expect(new Set(taken.map((child) => child?.pid)).size).toBe(3);
    expect(pool.status()).toMatchObject({ hits: 2, misses: 1 });
    await full(pool, 2);
    const next = pool.take();
    expect(taken).not.toContain(next);
    for (const child of [...taken, next]) await child?.discard();
  });

  it('starts one at a time, and never more than its size', async () => {
    let starting = 0;
    let most = 0;
    const pool = poolOf(3, async () => {
      most = Math.max(most, ++starting);
      const child = await startSleeper();
      starting -= 1;
      return child;
    });
    for (let i = 0; i < 5; i++) pool.fill();
    await full(pool, 3);
    await turn();
    expect([most, alive.size]).toEqual([1, 3]);
  });

  it('is not held up by a size of 0', async () => {
    const pool = poolOf(0);
    pool.fill();
    expect(pool.take()).toBeNull();
    await turn();
    expect([pool.status().misses, alive.size]).toEqual([1, 0]);
  });

  it('replaces a child that dies while it waits, and counts it', async () => {
    const pool = poolOf(1);
    pool.fill();
    await full(pool, 1);
    const [first] = alive;
    process.kill(first!, 'SIGKILL');
    await eventually(async () => (pool.status().replaced === 1 && pool.status().waiting === 1 ? true : null));
    const second = pool.take();
    expect(second?.pid).not.toBe(first);
    await second?.discard();
  });

  it('does not count a child that dies after it was taken', async () => {
    const pool = poolOf(1);
    pool.fill();
    await full(pool, 1);
    await pool.take()?.discard();
    await full(pool, 1);
    expect(pool.status()).toMatchObject({ hits: 1, replaced: 0 });
  });

  it('tries again when a start has failed, after a pause that grows', async () => {
    const atMs: number[] = [];
    const pool = poolOf(1, async () => {
      atMs.push(performance.now());
      if (atMs.length <= 3) throw new Error('no more processes');
      return startSleeper();
    });
    pool.fill();
    await full(pool, 1);
    expect(pool.status().spawnFailures).toBe(3);
    const pauses = atMs.slice(1).map((at, index) => at - atMs[index]!);
    expect(pauses).toEqual(
      [95, 195, 395].map((least) => expect.toSatisfy((pause: number) => pause >= least)),
    );
  });

  it('starts nothing more often because it is asked more often while it backs off', async () => {
    let starts = 0;
    const pool = poolOf(1, async () => {
      starts += 1;
      throw new Error('no');
    });
    pool.fill();
    await eventually(async () => (pool.status().spawnFailures === 1 ? true : null));
    for (let i = 0; i < 100; i++) expect(pool.take()).toBeNull();
    await turn();
    expect(starts).toBe(1);
  });
});

describe('a pool that is closed', () => {
  it('leaves no child, and gives none', async () => {
    const pool = poolOf(2);
    pool.fill();
    await full(pool, 2);
    await Promise.all([pool.close(), pool.close()]);
    expect([alive.size, pool.take(), pool.status().waiting]).toEqual([0, null, 0]);
    pool.fill();
    await turn();
    await turn();
    expect(alive.size).toBe(0);
  });

  it('while it starts a child', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
    const pool = poolOf(1, async () => {
      ask();
      await allowed;
      return startSleeper();
    });
    pool.fill();
    await asked;
    const closed = pool.close();
    allow();
    await closed;
    expect([alive.size, pool.status().waiting]).toEqual([0, 0]);
  });

  it('while a start fails, which it does not try again', async () => {
    const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
    let starts = 0;
    const pool = poolOf(1, async () => {
      starts += 1;
      await allowed;
      throw new Error('no');
    });
    pool.fill();
    await eventually(async () => (starts === 1 ? true : null));
    const closed = pool.close();
    allow();
    await closed;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(starts).toBe(1);
  });
});
