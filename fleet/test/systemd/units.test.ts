import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyItem } from '../../src/systemd/install/apply-item.ts';
import { layoutOf } from '../../src/systemd/install/layout.ts';
import { serviceItems } from '../../src/systemd/install/service-items.ts';
import { systemdVersion } from '../../src/systemd/install/service-manager.ts';

const analyze = (...args: string[]) =>
  spawnSync('systemd-analyze', [...args, '--no-pager'], { encoding: 'utf8' });

/** The exposure that each unit has, in tenths, as of systemd 252: whatever opens it further fails. */
const services: [unit: string, threshold: number][] = [
  ['runfleet-worker@.service', 33],
  ['runfleet-recorder.service', 13],
  ['runfleet-gateway.service', 13],
];

const hasAnalyze = analyze('--version').status === 0;
if (!hasAnalyze) console.log('Units are not verified: there is no systemd-analyze.');

describe.skipIf(!hasAnalyze)('units', () => {
  const directory = mkdtempSync(join(tmpdir(), 'runfleet-units-'));
  const units = join(directory, 'prefix', 'lib', 'systemd', 'system');
  beforeAll(() => {
    const layout = layoutOf(join(directory, 'prefix'), join(directory, 'etc'));
    for (const item of serviceItems(layout, systemdVersion())) {
      applyItem({ kind: 'directory', path: dirname(item.path), mode: 0o755 });
      applyItem(item);
    }
    // Units name programs, which have to be there.
    applyItem({ kind: 'directory', path: join(layout.program, 'bin'), mode: 0o755 });
    applyItem({ kind: 'link', path: join(layout.program, 'bin', 'node'), target: process.execPath });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test.each([...services.map(([unit]) => unit), 'runfleet.target'])('%s has no mistake', (unit) => {
    // Without these two, an unknown key is no error.
    const { status, stderr } = analyze('verify', '--recursive-errors=one', '--man=no', join(units, unit));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test.each(services)('%s is hardened to an exposure of at most %i', (unit, threshold) => {
    const args = ['security', '--offline=true', `--threshold=${threshold}`, join(units, unit)];
    const { status, stdout } = analyze(...args);
    expect({ status, verdict: stdout.trim().split('\n').at(-1) }).toMatchObject({ status: 0 });
  });
});
