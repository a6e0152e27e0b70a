import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { atEachLevel, defineAttacks, ok, type Attack } from './attack.ts';

const secret = 'canary-4a1f';
const outside = mkdtempSync(join(tmpdir(), 'runfleet-attack-secrets-'));
const file = join(outside, 'secret.json');
writeFileSync(file, JSON.stringify({ secret }));

beforeAll(() => {
  process.env['RUNFLEET_SECRET'] = secret;
});
afterAll(() => {
  delete process.env['RUNFLEET_SECRET'];
  rmSync(outside, { recursive: true, force: true });
});

const repository = join(import.meta.dirname, '../../..');

/** Whatever the reader returns is said to be reached when there is something in it. */
const readers = (path: string) => `
  const path = ${JSON.stringify(path)};
  const fs = require('node:fs');
  const url = require('node:url').pathToFileURL(path);
  attempt('readFileSync', () => fs.readFileSync(path));
  attempt('by a Buffer', () => fs.readFileSync(Buffer.from(path)));
  attempt('by bytes', () => fs.readFileSync(new Uint8Array(Buffer.from(path))));
  attempt('by a URL', () => fs.readFileSync(url));
  attempt('by a way around', () => fs.readFileSync('./../../../../../../../../..' + path));
  attempt('by /proc/self/root', () => fs.readFileSync('/proc/self/root' + path));
  attempt('by /proc/self/cwd', () => fs.readFileSync('/proc/self/cwd/../../../../../../..' + path));
  attempt('openSync', () => fs.openSync(path));
  attempt('statSync', () => fs.statSync(path));
  attempt('existsSync', () => fs.existsSync(path));
  attempt('that it exists, by realpathSync', () => fs.realpathSync(path));
  attempt('opendirSync', () => fs.opendirSync(require('node:path').dirname(path)));
  attempt('readdirSync', () => fs.readdirSync(require('node:path').dirname(path), { recursive: true }));
  attempt('cpSync', () => fs.cpSync(path, 'copy'));
  attempt('copyFileSync', () => fs.copyFileSync(path, 'copy'));
  attempt('require', () => require(path));
  attempt('loadEnvFile', () => process.loadEnvFile(path));
  attempt('watch', () => fs.watch(path).close());
  attempt('chdir', () => process.chdir(require('node:path').dirname(path)));
  attempt('dlopen', () => process.dlopen({ exports: {} }, path));
  fs.promises.readFile(path).then(() => reached('promises.readFile'), () => {});
  Promise.resolve().then(() => fs.openAsBlob(path)).then((blob) => blob.text()).then(() => reached('openAsBlob'), () => {});
  fs.createReadStream(path).on('error', () => {}).on('data', () => reached('a stream'));
  import(url).then(() => reached('import'), () => {});
  import(url, { with: { type: 'json' } }).then(() => reached('import of JSON'), () => {});
  new (require('node:worker_threads').Worker)('require("node:fs").readFileSync(' + JSON.stringify(path) + '); require("node:fs").writeSync(1, "reached by a Worker\\\\n")', { eval: true }).on('error', () => {});`;

/** A Worker that is given options of its own for Node has no permission model: see docs/decisions. */
const byShedding = (act: string) =>
  `new (require('node:worker_threads').Worker)(${JSON.stringify(
    `const fs = require('node:fs'); try { ${act} } catch {}`,
  )}, { eval: true, execArgv: [] }).on('error', () => {});`;

/** Node's permission model says no path's content, but `realpathSync` tells whether there is something. */
const seenToExist: Attack['ending'] = {
  process: { ...ok, reached: ['that it exists, by realpathSync'] },
  sandbox: ok,
};

const attacks: Attack[] = [
  {
    name: 'the environment',
    code: `const fs = require('node:fs');
      console.log(JSON.stringify(process.env)); console.log(JSON.stringify(process.report.getReport()));
      for (const pid of ['self', process.pid, process.ppid, 1]) for (const name of ['environ', 'cmdline', 'maps', 'status', 'root', 'cwd', 'fd']) {
        attempt('/proc/.../' + name, () => name === 'fd' || name === 'root' || name === 'cwd' ? fs.readdirSync('/proc/' + pid + '/' + name) : fs.readFileSync('/proc/' + pid + '/' + name));
      }`,
    ending: ok,
  },
  {
    name: '/proc of every process',
    code: `const fs = require('node:fs');
      for (let pid = 1; pid < 65536; pid++) attempt('environ', () => fs.readFileSync('/proc/' + pid + '/environ').includes(${JSON.stringify(secret)}));`,
    ending: ok,
  },
  { name: 'a file of the worker’s, by all means', code: readers(file), ending: seenToExist },
  { name: 'the users of the host', code: readers('/etc/passwd'), ending: seenToExist },
  { name: 'the repository', code: readers(join(repository, 'package.json')), ending: seenToExist },
  {
    name: 'directories of other attempts',
    code: `const fs = require('node:fs'); attempt('its neighbours', () => fs.readdirSync('..').length > (process.cwd() === '/task' ? 2 : 0));`,
    ending: ok,
  },
  {
    name: 'a file of the worker’s, without the permission model',
    code: byShedding(`fs.writeSync(1, fs.readFileSync(${JSON.stringify(file)}) && "reached a file\\n")`),
    ending: ok,
  },
  {
    name: 'the environment of the worker, without the permission model',
    code: byShedding(
      `if (fs.readFileSync('/proc/' + process.ppid + '/environ').length > 0 && process.ppid > 2) fs.writeSync(1, "reached an environment\\n")`,
    ),
    ending: ok,
  },
];

const keepsSecrets: Attack['also'] = ({ stdout, stderr }) =>
  expect(stdout.text + stderr.text).not.toContain(secret);

await atEachLevel('secrets', (level) => {
  defineAttacks(
    level,
    attacks.map((attack) => ({ ...attack, also: keepsSecrets })),
  );
});
