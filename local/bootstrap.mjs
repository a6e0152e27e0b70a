// The way in: `npm start`, `npm test` and the other scripts come through here. It runs on any Node from 20 on, with
// nothing installed; it installs the dependencies when they are missing or out of date, and hands over to the Node that
// is one of them.
//
//   node local/bootstrap.mjs PROGRAM [ARGUMENT…]      PROGRAM: a file of ours, or the name of a dependency's command
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const binaries = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.runfleet-installed');

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) fail(`Node 20 or newer is needed; this is ${process.version}.`);
if (process.platform === 'win32') fail('Linux or macOS is needed; on Windows, use WSL.');

const [program, ...programArguments] = process.argv.slice(2);
if (program === undefined) fail('usage: node local/bootstrap.mjs PROGRAM [ARGUMENT…]');

installDependencies();
run(program.endsWith('.ts') ? ['node', join(root, program)] : [program], programArguments);

function installDependencies() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  console.error(`Installing dependencies with ${packageManager} …`);
  const { status, error } = spawnSync('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // With CI set, pnpm asks nothing.
    env: { ...process.env, CI: 'true', npm_config_loglevel: 'error' },
  });
  if (status !== 0) fail(`the dependencies could not be installed${error ? `: ${error.message}` : ''}.`);
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** What the installed dependencies depend on; when it changes, they are installed again. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) {
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function run([command, ...first], rest) {
  const child = spawn(command, [...first, ...rest], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH}` },
  });
  // Ctrl-C reaches the child by itself, for it has the same terminal; what is sent to this process alone is passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${command}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

function fail(message) {
  console.error(`runfleet: ${message}`);
  process.exit(1);
}
