import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { atEachLevel, defineAttacks, ok, type Attack, type Ending } from './attack.ts';

const mib = 1024 * 1024;
const outside = mkdtempSync(join(tmpdir(), 'runfleet-attack-disk-'));
const kept = join(outside, 'kept');
writeFileSync(kept, 'kept');
afterAll(() => rmSync(outside, { recursive: true, force: true }));

/** At `process` the limits are those of a process: there is one on each file, and none on all of them. */
const heldInSandbox = (what: string): Attack['ending'] => ({
  process: { ...ok, reached: [what] },
  sandbox: ok,
});

const inodesMet: Ending = { reason: 'signal', killedBy: 'limit', limit: 'inodes' };

const attacks: Attack[] = [
  {
    name: 'one file that is larger than its disk',
    code: `const fs = require('node:fs'); const chunk = Buffer.alloc(${mib}, 1);
      attempt('more disk than it may have', () => { for (let i = 0; i < 128; i++) fs.appendFileSync('file', chunk); });`,
    ending: ok,
  },
  {
    name: 'files of the task that are larger than its disk',
    code: `reached('its own code');`,
    options: {
      limits: { diskBytes: mib },
      input: { files: [{ path: 'large', content: 'x'.repeat(2 * mib), encoding: 'utf8' }] },
    },
    ending: { reason: 'uncaught_error', killedBy: 'limit', limit: 'disk', exitCode: 1 },
    also: ({ error }) => expect(error?.message).toContain('do not fit into its disk'),
  },
  {
    name: 'a disk filled with files',
    code: `const fs = require('node:fs'); const chunk = Buffer.alloc(16 * ${mib}, 1);
      attempt('more disk than it may have', () => { for (let i = 0; i < 8; i++) fs.writeFileSync('file' + i, chunk); });`,
    ending: heldInSandbox('more disk than it may have'),
  },
  {
    name: 'a sparse file of a terabyte',
    code: `require('node:fs').writeFileSync('file', ''); attempt('a terabyte', () => require('node:fs').truncateSync('file', 2 ** 40));`,
    ending: ok,
  },
  {
    name: 'more files than inodes',
    code: `const fs = require('node:fs');
      attempt('more inodes than it may have', () => { for (let i = 0; i < 100_000; i++) fs.closeSync(fs.openSync('f' + i, 'w')); });`,
    options: { limits: { inodes: 2_000 } },
    ending: { process: { ...ok, reached: ['more inodes than it may have'] }, sandbox: inodesMet },
  },
  {
    name: 'more open files than it may have',
    code: `const fs = require('node:fs'); fs.writeFileSync('file', '');
      attempt('a thousand descriptors', () => { for (let i = 0; i < 1000; i++) fs.openSync('file'); });`,
    ending: ok,
  },
  {
    name: 'other places to write',
    code: `const fs = require('node:fs');
      for (const path of ['/dev/shm/x', '/tmp/runfleet-attack-x', '/proc/self/oom_score_adj', '/runtime/x', '/x', '/var/tmp/x', '../x', ${JSON.stringify(outside)} + '/x']) {
        attempt(path, () => fs.writeFileSync(path, '0'));
        attempt('async ' + path, () => { fs.createWriteStream(path).on('error', () => {}).on('open', () => reached('stream to ' + path)); return false; });
      }`,
    ending: ok,
  },
  {
    name: 'symbolic links out of its directory',
    code: `const fs = require('node:fs');
      attempt('link', () => { fs.symlinkSync(${JSON.stringify(kept)}, 'link'); fs.writeFileSync('link', 'broken'); });
      attempt('hard link', () => fs.linkSync(${JSON.stringify(kept)}, 'hard'));
      attempt('directory', () => { fs.symlinkSync('/', 'root', 'dir'); return fs.readdirSync('root').length > 0; });
      attempt('rename', () => fs.renameSync(${JSON.stringify(kept)}, 'moved'));
      attempt('copy', () => fs.cpSync(${JSON.stringify(kept)}, 'copy'));`,
    ending: ok,
  },
  {
    name: 'a work directory that became a link',
    code: `const fs = require('node:fs'); const home = process.cwd();
      attempt('its directory', () => { fs.rmSync(home, { recursive: true }); fs.symlinkSync(${JSON.stringify(outside)}, home); });`,
    ending: ok,
  },
  {
    name: 'directories that are hard to remove',
    code: `const fs = require('node:fs');
      fs.mkdirSync('closed/inner', { recursive: true }); fs.writeFileSync('closed/inner/file', ''); fs.chmodSync('closed/inner', 0); fs.chmodSync('closed', 0);
      let deep = process.cwd(); try { for (let i = 0; i < 1000; i++) fs.mkdirSync(deep = deep + '/' + 'd'.repeat(200)); } catch {}
      fs.writeFileSync('\\u202e\\n -rf', ''); try { fs.writeFileSync(Buffer.from([0x2e, 0x2f, 0xff, 0xfe]), ''); } catch {}
      fs.chmodSync('.', 0);`,
    ending: ok,
  },
];

function keepsTheHost(): void {
  expect(readFileSync(kept, 'utf8')).toBe('kept');
}

await atEachLevel('disk', (level) => {
  defineAttacks(
    level,
    attacks.map((attack) => ({
      ...attack,
      also: (outcome) => {
        attack.also?.(outcome);
        keepsTheHost();
      },
    })),
  );
});
