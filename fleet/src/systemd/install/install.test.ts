import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../../../test/run-command.ts';
import { version } from '../../version.ts';

const directory = mkdtempSync(join(tmpdir(), 'runfleet-install-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const prefix = join(directory, 'prefix');
const etc = join(directory, 'etc');
const where = ['--prefix', prefix, '--sysconfdir', etc, '--files-only'];
const program = join(prefix, 'bin', 'runfleet');
const workerUnit = join(prefix, 'lib', 'systemd', 'system', 'runfleet-worker@.service');

async function run(...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand([...words, ...where]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
}
/** The program installs itself again: the sources of the workspace may be edited while these tests run. */
async function again(...words: string[]): Promise<string> {
  const { stdout, status } = spawnSync(program, [...words, ...where], { encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout;
}

let dryRun: string;
let leftByDryRun: boolean;
let installed: string;
beforeAll(async () => {
  dryRun = await run('install', '--dry-run');
  leftByDryRun = existsSync(prefix);
  installed = await run('install');
}, 60_000);

test('a dry run says what the installation then does, and does nothing', () => {
  expect(leftByDryRun).toBe(false);
  const actions = (output: string) => output.split('\n').filter((line) => line.startsWith('create '));
  expect(actions(dryRun)).toEqual(actions(installed));
  expect(actions(installed)).toContain(`create ${workerUnit}`);
  expect(installed).toContain(`to be run on the host: systemd-sysusers ${prefix}`);
});

test('what is installed needs nothing of the workspace, and has no tests', async () => {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8', cwd: '/', env: { PATH: '/bin' } });
  expect(stdout).toBe(`${version}\n`);
  const files = await readdir(join(prefix, 'lib', 'runfleet'), { recursive: true });
  const ours = files.filter((path) => !path.includes('node_modules'));
  expect(ours.filter((path) => /\.test\.ts$|testing/.test(path))).toEqual([]);
  expect(files.some((path) => /\.pnpm\/(vitest|typescript)@/.test(path))).toBe(false);
  expect(readFileSync(workerUnit, 'utf8')).not.toMatch(/@(program|sysconfdir)@/);
});

test('credentials are for their owner only', async () => {
  const credentials = join(etc, 'runfleet', 'credentials');
  expect((await stat(credentials)).mode & 0o777).toBe(0o700);
  expect((await stat(join(credentials, 'database-url'))).mode & 0o777).toBe(0o600);
});

test('a second time changes nothing, and says so', async () => {
  expect(await again('install')).toContain(`Nothing to change: ${version} is installed`);
}, 60_000);

test('what was changed is put right, but settings are kept', async () => {
  appendFileSync(workerUnit, '# changed\n');
  const settings = join(etc, 'runfleet', 'worker.env');
  writeFileSync(settings, 'RUNFLEET_CONCURRENCY=7\n');
  const output = await again('install');
  expect(output).toContain(`replace ${workerUnit}`);
  expect(output).toContain(`keep ${settings}`);
  expect(readFileSync(workerUnit, 'utf8')).not.toContain('# changed');
  expect(readFileSync(settings, 'utf8')).toBe('RUNFLEET_CONCURRENCY=7\n');
}, 60_000);

test('what an earlier version had and this one has not is removed', async () => {
  const path = join(prefix, 'lib', 'runfleet', 'manifest.json');
  const old = join(prefix, 'lib', 'systemd', 'system', 'runfleet-old.service');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { files: string[] };
  writeFileSync(path, JSON.stringify({ ...manifest, files: [...manifest.files, old] }));
  writeFileSync(old, '');
  expect(await again('install')).toContain(`remove ${old}`);
  expect(existsSync(old)).toBe(false);
}, 60_000);

test('doctor sees that something is gone', async () => {
  rmSync(workerUnit);
  const { stdout } = await runCommand(['doctor', '--json', '--prefix', prefix, '--isolation', 'process'], {
    REDIS_URL: 'redis://127.0.0.1:1',
    DATABASE_URL: 'postgres://u:p@127.0.0.1:1/d',
  });
  const { findings } = JSON.parse(stdout) as { findings: { item: string; status: string; found: string }[] };
  expect(findings.find(({ item }) => item === 'install.program')).toMatchObject({
    status: 'failed',
    found: expect.stringContaining(workerUnit),
  });
  await again('install');
}, 60_000);

test('uninstall removes what was installed, and nothing else', async () => {
  const own = join(prefix, 'lib', 'systemd', 'system', 'own.service');
  writeFileSync(own, '');
  expect(await again('uninstall', '--dry-run')).toContain(`remove ${program}`);
  expect(existsSync(program)).toBe(true);
  await again('uninstall');
  expect(await readdir(prefix, { recursive: true })).toEqual([
    'lib',
    'lib/systemd',
    'lib/systemd/system',
    'lib/systemd/system/own.service',
  ]);
  expect(existsSync(join(etc, 'runfleet', 'worker.env'))).toBe(true);
}, 60_000);

test('with --purge, settings and credentials go too', async () => {
  const manifest = join(prefix, 'lib', 'runfleet', 'manifest.json');
  mkdirSync(dirname(manifest));
  writeFileSync(
    manifest,
    JSON.stringify({ version, sysconfdir: etc, files: [], directories: [dirname(manifest)] }),
  );
  await run('uninstall', '--purge');
  expect([existsSync(dirname(manifest)), existsSync(join(etc, 'runfleet'))]).toEqual([false, false]);
});

test('what cannot be written is one line', async () => {
  writeFileSync(join(directory, 'file'), '');
  const words = [
    'install',
    '--prefix',
    join(directory, 'file', 'below'),
    '--sysconfdir',
    etc,
    '--files-only',
  ];
  const { exitCode, stderr } = await runCommand(words);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^runfleet: ENOTDIR[^\n]*\n$/);
}, 60_000);
