import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseIsolation } from './choose-isolation.ts';
import { findRedisServer } from './find-redis-server.ts';
import { installPackage } from './install-package.ts';

const packages = { 'apt-get': 'gadget-deb', apk: 'gadget-apk' };
const realPath = process.env['PATH'];
let directory: string;
let said: string[];
const say = (line: string) => void said.push(line);

/** A machine with nothing on its PATH but what a test puts there. */
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runfleet-path-'));
  said = [];
  process.env['PATH'] = directory;
  command('sudo', 'shift; exec "$@"');
});
afterEach(() => {
  process.env['PATH'] = realPath;
  rmSync(directory, { recursive: true, force: true });
});

function command(name: string, script: string): void {
  writeFileSync(join(directory, name), `#!/bin/sh\ncd ${directory}\n${script}\n`);
  chmodSync(join(directory, name), 0o755);
}

test('installs with the package manager that is there, and says so', () => {
  command('apk', 'case "$1" in add) : > "$3" ;; esac');
  command('true', '');
  expect(installPackage(packages, say)).toBeNull();
  expect(existsSync(join(directory, 'gadget-apk'))).toBe(true);
  expect(said).toEqual(['installing gadget-apk with apk']);
});

test('a list that cannot be brought up to date is no reason not to try', () => {
  command('apt-get', 'case "$1" in update) exit 100 ;; install) : > "$3" ;; esac');
  command('true', '');
  expect(installPackage(packages, say)).toBeNull();
  expect(existsSync(join(directory, 'gadget-deb'))).toBe(true);
});

test('says why it was not installed', () => {
  expect(installPackage(packages, say)).toBe('no package manager that is known here was found');
  command('brew', '');
  expect(installPackage(packages, say)).toBe('no package manager that is known here was found');
  command('apk', 'case "$1" in add) echo a >&2; echo no such thing >&2; exit 1 ;; esac');
  command('true', '');
  expect(installPackage(packages, say)).toBe('apk failed: no such thing');
});

test('a machine without Redis and without a way to install it is told what to do', () => {
  expect(() => findRedisServer(say)).toThrow(/Redis is needed.*no package manager.*REDIS_URL/);
});

const onLinux = process.platform === 'linux';

test.runIf(onLinux)('without bubblewrap the workers run at process, and the reason is said', async () => {
  const chosen = await chooseIsolation(null, say);
  expect(chosen.level).toBe('process');
  expect(chosen.shortfall).toEqual({
    why: 'bubblewrap (bwrap) is missing, and no package manager that is known here was found',
    remedy: 'install bubblewrap',
  });
});

test.runIf(onLinux)('without bubblewrap a stack that must have the sandbox does not start', async () => {
  await expect(chooseIsolation('sandbox', say)).rejects.toThrow(/"sandbox".*bubblewrap \(bwrap\) is missing/);
});

test.runIf(onLinux)('bubblewrap is installed where that asks nothing, and then tried', async () => {
  command(
    'apt-get',
    'case "$1" in install) printf "#!/bin/sh\\nexit 0\\n" > bwrap; /bin/chmod +x bwrap ;; esac',
  );
  command('true', '');
  const { level, shortfall } = await chooseIsolation(null, say);
  expect(said).toEqual(['installing bubblewrap with apt-get']);
  // What was put there does nothing, and so holds nothing.
  expect(level).toBe('process');
  expect(shortfall?.why).not.toContain('bwrap) is missing');
});

test('less than the sandbox is given to who asks for it, and nothing is installed for it', async () => {
  expect(await chooseIsolation('process', say)).toEqual({ level: 'process', shortfall: null });
  expect(said).toEqual([]);
});
