import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { setTimeout as delay } from 'node:timers/promises';
import { reportSchema } from '../../src/doctor/report.ts';
import { blockEventLoop } from './block-event-loop.ts';
import {
  gatewayToken,
  startFleetOnMachine,
  watchdogSeconds,
  expectWithin,
  type FleetOnMachine,
} from './fleet-on-machine.ts';
import { whyNoMachine } from './machine.ts';

/** What Node needs more of the kernel for than a line of output. */
const manyThings = `
import { promisify } from 'node:util';
import { writeFile, readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { gzip } from 'node:zlib';
import { scrypt } from 'node:crypto';
import { Worker } from 'node:worker_threads';
setPriority(10);
await writeFile(process.env.TMPDIR + '/file', await promisify(gzip)('text'));
await promisify(scrypt)(await readFile(process.env.TMPDIR + '/file'), 'salt', 64);
await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
await new Promise((resolve, reject) =>
  new Worker('0', { eval: true }).once('exit', resolve).once('error', reject));
console.log('well');
`;

const whyNot = whyNoMachine();
if (whyNot !== null) console.log(`No systemd is booted for the tests of the services: ${whyNot}.`);

describe.skipIf(whyNot !== null)('the fleet under a booted systemd', () => {
  let fleet: FleetOnMachine;
  beforeAll(async () => {
    fleet = await startFleetOnMachine();
    await fleet.machine.run('systemctl', 'start', 'runfleet.target');
  }, 120_000);
  afterAll(() => fleet?.stop(), 30_000);
  beforeEach(() => {
    onTestFailed(async () => {
      console.log(
        await fleet.machine.run('journalctl', '--no-pager', '--lines', '60', '--output', 'short-precise'),
      );
    });
  });

  const unitOf = (worker: string) => `runfleet-worker@${worker}.service`;
  async function show(unit: string, property: string): Promise<string> {
    return (await fleet.machine.run('systemctl', 'show', '--value', '--property', property, unit)).trim();
  }
  const stateOf = (unit: string) => show(unit, 'ActiveState');
  const restartsOf = async (unit: string) => Number(await show(unit, 'NRestarts'));
  const statusOf = async (id: string) => (await fleet.task(id))?.status;
  const outputOf = async (id: string) => Buffer.from((await fleet.task(id))?.result?.stdout ?? []).toString();
  const sleeping = (ms: number) => `await new Promise((r) => setTimeout(r, ${ms})); console.log('slept')`;

  /** One task after the other, until this worker runs one. */
  async function runningOn(worker: string, code: string): Promise<string> {
    for (let tries = 0; tries < 20; tries += 1) {
      const id = await fleet.submit(code);
      await expectWithin(10, () => statusOf(id)).toBe('running');
      if ((await fleet.task(id))?.workerId === worker) return id;
    }
    throw new Error(`${worker} takes no task`);
  }

  test('the target is up when each part is ready, and tasks run', async () => {
    for (const unit of [unitOf('one'), unitOf('two'), 'runfleet-recorder.service']) {
      expect([unit, await stateOf(unit), await show(unit, 'Type')]).toEqual([unit, 'active', 'notify']);
    }
    const ids = await Promise.all(Array.from({ length: 12 }, () => fleet.submit('console.log(2+2)')));
    for (const id of ids) await expectWithin(20, () => statusOf(id)).toBe('completed');
    expect(await outputOf(ids[0] ?? '')).toBe('4\n');
    // Hardening has not taken from the executor what it measures with.
    expect((await fleet.task(ids[0] ?? ''))?.result).toMatchObject({
      cpuMs: expect.any(Number),
      memoryPeakBytes: expect.any(Number),
      isolation: { level: 'sandbox' },
    });
  }, 60_000);

  test('the gateway answers, with what its credentials open', async () => {
    const headers = { authorization: `Bearer ${gatewayToken}` };
    const answer = await fetch(`http://127.0.0.1:${fleet.gatewayPort}/PING`, { headers });
    expect(await answer.json()).toEqual({ result: 'PONG' });
    expect(await show('runfleet-gateway.service', 'ActiveState')).toBe('active');
  });

  test('the status says what runs and what is done', async () => {
    await expectWithin(10, async () => {
      const texts = await Promise.all(['one', 'two'].map((id) => show(unitOf(id), 'StatusText')));
      return texts.map((text) => Number(/^0 running, (\d+) done$/.exec(text)?.[1])).reduce((a, b) => a + b);
    }).toBe(12);
    await expectWithin(10, () => show('runfleet-recorder.service', 'StatusText')).toBe(
      '12 recorded, 0 dropped',
    );
  }, 30_000);

  test("the unit's hardening is in no task's way", async () => {
    const id = await fleet.submit(manyThings);
    await expectWithin(20, () => statusOf(id)).toMatch(/completed|failed/);
    expect([await outputOf(id), (await fleet.task(id))?.result?.error]).toEqual(['well\n', null]);
  }, 30_000);

  test('doctor finds everything that was installed', async () => {
    const doctor = 'CREDENTIALS_DIRECTORY=/etc/runfleet/credentials runfleet doctor --json || true';
    const report = reportSchema.parse(JSON.parse(await fleet.machine.run('sh', '-c', doctor)));
    const { findings } = report;
    const installed = findings.filter(({ item }) => item.startsWith('install'));
    expect(installed.map(({ item, status }) => [item, status])).toEqual([
      ['install.program', 'ok'],
      ['install.user', 'ok'],
      ['install.credentials', 'ok'],
      ['install.state', 'ok'],
      ['install.units', 'ok'],
    ]);
    expect(findings.find(({ item }) => item === 'postgres.migrations')?.status).toBe('ok');
  }, 60_000);

  test('a worker that is killed is restarted, and its task runs again', async () => {
    const id = await runningOn('one', sleeping(1_000));
    await fleet.machine.run('systemctl', 'kill', '--kill-whom=main', '--signal=KILL', unitOf('one'));
    await expectWithin(20, () => restartsOf(unitOf('one'))).toBe(1);
    await expectWithin(20, () => stateOf(unitOf('one'))).toBe('active');
    await expectWithin(30, () => statusOf(id)).toBe('completed');
    expect((await fleet.task(id))?.attempt).toBe(2);
  }, 90_000);

  test('a worker whose event loop is blocked is restarted by the watchdog', async () => {
    const before = await restartsOf(unitOf('two'));
    await blockEventLoop(fleet.inspectorPorts.two);
    await expectWithin(watchdogSeconds + 20, () => restartsOf(unitOf('two'))).toBe(before + 1);
    await expectWithin(20, () => stateOf(unitOf('two'))).toBe('active');
    const journal = await fleet.machine.run('journalctl', '--unit', unitOf('two'), '--output', 'cat');
    expect(journal).toMatch(/Watchdog timeout/);
  }, 60_000);

  test('the watchdog endures that Redis is away', async () => {
    const units = [unitOf('one'), unitOf('two'), 'runfleet-recorder.service'];
    const before = await Promise.all(units.map(restartsOf));
    await fleet.whileRedisIsAway(() => delay((watchdogSeconds + 2) * 1000));
    const id = await fleet.submit('console.log(1)');
    await expectWithin(20, () => statusOf(id)).toBe('completed');
    expect(await Promise.all(units.map(restartsOf))).toEqual(before);
  }, 60_000);

  test('`systemctl stop` waits until a running task has ended, and its result is recorded', async () => {
    const id = await runningOn('one', sleeping(1_000));
    await fleet.machine.run('systemctl', 'stop', unitOf('one'));
    expect([await stateOf(unitOf('one')), await show(unitOf('one'), 'Result')]).toEqual([
      'inactive',
      'success',
    ]);
    await expectWithin(10, () => statusOf(id)).toBe('completed');
    const task = await fleet.task(id);
    expect([task?.attempt, task?.workerId, await outputOf(id)]).toEqual([1, 'one', 'slept\n']);
    await fleet.machine.run('systemctl', 'start', unitOf('one'));
  }, 60_000);

  test('a drain that takes too long is ended, and the task runs elsewhere', async () => {
    const id = await runningOn('one', sleeping(5_000));
    await fleet.machine.run('systemctl', 'stop', unitOf('one'));
    // The drain took longer than TimeoutStopSec=, for the worker had said what it needs.
    expect(await show(unitOf('one'), 'Result')).toBe('success');
    expect(await statusOf(id)).not.toBe('completed');
    await expectWithin(30, () => statusOf(id)).toBe('completed');
    const task = await fleet.task(id);
    expect([task?.attempt, task?.workerId]).toEqual([2, 'two']);
    await fleet.machine.run('systemctl', 'start', unitOf('one'));
  }, 90_000);

  test('a worker that does not drain at all is killed when its time is over', async () => {
    await blockEventLoop(fleet.inspectorPorts.one);
    await fleet.machine.run('systemctl', 'stop', unitOf('one'));
    expect([await stateOf(unitOf('one')), await show(unitOf('one'), 'Result')]).toEqual([
      'failed',
      'timeout',
    ]);
    await fleet.machine.run('systemctl', 'start', unitOf('one'));
  }, 60_000);

  test('one worker restarted after the other loses nothing', async () => {
    const ids: string[] = [];
    const enough = new AbortController();
    const load = (async () => {
      while (!enough.signal.aborted) {
        ids.push(await fleet.submit(sleeping(300)));
        await delay(100);
      }
    })();
    for (const worker of ['one', 'two']) await fleet.machine.run('systemctl', 'restart', unitOf(worker));
    enough.abort();
    await load;
    for (const id of ids) await expectWithin(20, () => statusOf(id)).toBe('completed');
    const tasks = await Promise.all(ids.map((id) => fleet.task(id)));
    expect(tasks.filter((task) => task?.attempt !== 1)).toEqual([]);
    expect(ids.length).toBeGreaterThan(5);
  }, 90_000);

  test('the journal has JSON lines', async () => {
    for (const [identifier, part] of [
      ['runfleet-worker', 'worker'],
      ['runfleet-recorder', 'recorder'],
    ]) {
      const journal = await fleet.machine.run(
        'journalctl',
        '--identifier',
        identifier ?? '',
        '--output',
        'cat',
      );
      // The test's own inspector has Node write a line of its own.
      const lines = journal.split('\n').filter((line) => line !== '' && line !== 'Debugger attached.');
      expect(lines.length).toBeGreaterThan(3);
      const parts = lines.map((line) => (JSON.parse(line) as { part: string }).part);
      expect(new Set(parts)).toEqual(new Set([part]));
    }
  });

  test('a second installation changes nothing, and an uninstallation leaves settings only', async () => {
    expect(await fleet.machine.run('runfleet', 'install')).toContain('Nothing to change');
    await fleet.machine.run('runfleet', 'uninstall');
    const left = await fleet.machine.run(
      'find',
      '/usr/local',
      '/etc/systemd',
      '/etc/runfleet',
      '-name',
      '*runfleet*',
    );
    expect(left.trim().split('\n').toSorted()).toEqual([
      '/etc/runfleet',
      '/etc/systemd/system/runfleet-worker@.service.d',
    ]);
    expect(
      await fleet.machine.run('systemctl', 'list-units', '--no-legend', '--state=active', 'runfleet*'),
    ).toBe('');
  }, 60_000);
});
