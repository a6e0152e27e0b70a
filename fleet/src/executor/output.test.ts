import { describe, expect, it } from 'vitest';
import { executorUnderTest } from './testing/executor-under-test.ts';

describe('what the code prints', () => {
  const { run } = executorUnderTest();

  it('is captured apart', async () => {
    const outcome = await run(`console.log('out €'); console.error('err')`);
    expect(outcome).toMatchObject({
      stdout: { text: 'out €\n', bytes: 8, droppedBytes: 0 },
      stderr: { text: 'err\n', bytes: 4, droppedBytes: 0 },
    });
  });

  it('is whole up to process.exit, and beyond the cap it is counted', async () => {
    const outcome = await run(
      `process.stdout.write('x'.repeat(8e6)); process.stderr.write('y'.repeat(3e6)); process.exit(2)`,
    );
    expect(outcome).toMatchObject({ reason: 'exit_code', stdout: { bytes: 8e6 }, stderr: { bytes: 3e6 } });
    expect(outcome.stdout.droppedBytes).toBe(8e6 - 1024 * 1024);
    expect(outcome.stdout.text).toContain(`\n[… ${outcome.stdout.droppedBytes} bytes dropped …]\n`);
  });

  it('that is more than its limit ends it, with what was kept', async () => {
    const outcome = await run(`for (;;) process.stdout.write('y'.repeat(65536))`, {
      limits: { outputBytes: 4e6 },
    });
    expect(outcome).toMatchObject({ reason: 'output_limit', killedBy: 'limit', limit: 'output' });
    expect(outcome.stdout.bytes).toBeGreaterThan(4e6);
    expect(outcome.stdout.text).toContain('bytes dropped');
  });

  it('reads nothing: stdin is empty', async () => {
    const outcome = await run(`console.log(require('node:fs').readFileSync(0, 'utf8').length)`);
    expect(outcome.stdout.text).toBe('0\n');
  });

  it('leaves the worker’s memory alone, however much it is', async () => {
    let highest = 0;
    const before = process.memoryUsage().arrayBuffers;
    const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage().arrayBuffers)), 10);
    const outcome = await run(
      `const chunk = 'y\\n'.repeat(32768); for (;;) require('node:fs').writeSync(1, chunk);`,
      { timeoutMs: 2_500, limits: { outputBytes: 1e12 } },
    );
    clearInterval(watch);
    expect(outcome).toMatchObject({ reason: 'timeout', signal: 'SIGKILL' });
    expect(outcome.stdout.text.length).toBeLessThan(1024 * 1024 + 100);
    // What has been read and is not yet collected as garbage comes to less than 100 MB, after 3 GB as after 7.
    expect(outcome.stdout.bytes).toBeGreaterThan(300e6);
    expect(highest - before).toBeLessThan(200e6);
  });
});

describe('a cap of its own', () => {
  const { run } = executorUnderTest({ outputLimitBytes: 10 });

  it('is per stream, and does not end the task', async () => {
    const outcome = await run(`process.stdout.write('0123456789abc'); process.stderr.write('0123456789')`);
    expect(outcome).toMatchObject({
      reason: 'ok',
      stdout: { text: '01234\n[… 3 bytes dropped …]\n89abc', bytes: 13, droppedBytes: 3 },
      stderr: { text: '0123456789', droppedBytes: 0 },
    });
  });
});
