import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { atEachLevel, defineAttacks, ok, type Attack } from './attack.ts';

const outside = mkdtempSync(join(tmpdir(), 'runfleet-attack-runtime-'));
const file = join(outside, 'secret');
writeFileSync(file, 'a file of the host');
const before = readdirSync(outside);
afterAll(() => rmSync(outside, { recursive: true, force: true }));

const read = `require('node:fs').readFileSync(${JSON.stringify(file)})`;

/** A Worker that is given options of its own for Node has no permission model: then only walls of the kernel hold. */
const byShedding = (code: string, execArgv: string[] = []) =>
  `new (require('node:worker_threads').Worker)(${JSON.stringify(
    `const reached = (what) => require('node:fs').writeSync(1, 'reached ' + what + '\\n'); const attempt = (what, act) => { try { if (act() !== false) reached(what); } catch {} }; ${code}`,
  )}, { eval: true, execArgv: ${JSON.stringify(execArgv)} }).on('error', () => {});`;

const attacks: Attack[] = [
  {
    name: 'process.binding',
    code: `for (const name of ['fs', 'spawn_sync', 'process_wrap', 'natives', 'config', 'constants', 'tcp_wrap', 'util']) attempt(name, () => process.binding(name));
      attempt('_linkedBinding', () => process._linkedBinding('fs')); attempt('internalBinding', () => internalBinding('fs'));`,
    ending: ok,
  },
  {
    name: 'native addons',
    code: `const fs = require('node:fs'); fs.writeFileSync('addon.node', Buffer.from('7f454c46', 'hex'));
      for (const path of [process.cwd() + '/addon.node', '/lib/x86_64-linux-gnu/libc.so.6']) {
        attempt('dlopen ' + path, () => process.dlopen({ exports: {} }, path));
        try { process.dlopen({ exports: {} }, path); } catch (error) { if (error.code !== 'ERR_DLOPEN_DISABLED') reached('the loader: ' + error.message); }
      }
      attempt('require', () => require(process.cwd() + '/addon.node'));`,
    ending: ok,
  },
  {
    name: 'the inspector',
    code: `attempt('open', () => { const inspector = require('node:inspector'); inspector.open(0); return inspector.url() !== undefined; });
      attempt('a session', () => new (require('node:inspector').Session)().connect());
      attempt('of the main thread', () => new (require('node:inspector').Session)().connectToMainThread());
      attempt('promises', () => new (require('node:inspector/promises').Session)().connect());`,
    ending: ok,
  },
  {
    name: 'the inspector by a signal',
    code: `process.kill(process.pid, 'SIGUSR1'); try { process._debugProcess(process.pid); } catch {}
      setTimeout(() => { const socket = require('node:net').connect(9229, '127.0.0.1'); socket.on('connect', () => { reached('the inspector'); socket.destroy(); }).on('error', () => {}); }, 300);`,
    ending: ok,
  },
  {
    name: 'node:sqlite',
    code: `attempt('sqlite', () => new (require('node:sqlite').DatabaseSync)('x.db')); attempt('builtin', () => process.getBuiltinModule('node:sqlite') !== undefined);`,
    ending: ok,
  },
  {
    name: 'WASI',
    code: `attempt('WASI', () => new (require('node:wasi').WASI)({ version: 'preview1', preopens: { '/': '/' } }));`,
    ending: ok,
  },
  {
    name: 'files that Node itself writes',
    code: `const v8 = require('node:v8'); const path = ${JSON.stringify(outside)} + '/written';
      attempt('writeReport', () => process.report.writeReport(path));
      attempt('a report’s directory', () => { process.report.directory = ${JSON.stringify(outside)}; process.report.reportOnUncaughtException = true; process.report.reportOnSignal = true; return false; });
      attempt('writeHeapSnapshot', () => v8.writeHeapSnapshot(path));
      attempt('near the heap’s limit', () => { v8.setHeapSnapshotNearHeapLimit(1); return false; });
      attempt('trace events', () => { require('node:trace_events').createTracing({ categories: ['v8'] }).enable(); return false; });
      attempt('compile cache', () => { require('node:module').enableCompileCache(${JSON.stringify(outside)}); return false; });
      v8.setFlagsFromString('--logfile=' + path); v8.setFlagsFromString('--prof'); v8.setFlagsFromString('--log-all'); v8.setFlagsFromString('--trace-turbo'); v8.setFlagsFromString('--redirect-code-traces-to=' + path);
      for (let i = 0; i < 1e5; i++) Math.sqrt(i);
      setTimeout(() => {}, 100);`,
    ending: ok,
  },
  {
    name: 'flags of V8',
    code: `const v8 = require('node:v8'); for (const flag of ['--allow-natives-syntax', '--expose-gc', '--no-jitless', '--stack-size=60000']) v8.setFlagsFromString(flag);
      attempt('natives', () => { new Function('return %DebugPrint')(); return false; });
      attempt('a file', () => ${read});`,
    ending: ok,
  },
  {
    name: 'ways out of vm',
    code: `const vm = require('node:vm');
      attempt('a constructor', () => vm.runInNewContext("this.constructor.constructor('return process')().getBuiltinModule('fs')").readFileSync(${JSON.stringify(file)}));
      attempt('a context', () => vm.createContext({ require }) && vm.runInContext(${JSON.stringify(read)}, vm.createContext({ require })));
      attempt('a function', () => new Function('process', ${JSON.stringify(`return ${read.replace('require', 'process.getBuiltinModule')}`)})(process));
      attempt('a loader', () => new (require('node:module'))('x')._compile(${JSON.stringify(read)}, '/x.js'));
      attempt('a bytecode cache', () => { new vm.Script('1', { cachedData: Buffer.alloc(1024, 255) }).runInThisContext(); return false; });`,
    ending: ok,
  },
  {
    name: 'the permission model, by changing it',
    code: `for (const name of ['permission', 'features', 'config']) try { Object.defineProperty(process, name, { value: { has: () => true } }); } catch {}
      try { process.permission.has = () => true; } catch {}
      attempt('a file', () => ${read});
      process.execArgv = []; process.argv.push('--no-permission'); process.env.NODE_OPTIONS = '--no-permission';
      require('node:module').register('data:text/javascript,import fs from "node:fs"; try { fs.readFileSync(' + encodeURIComponent(JSON.stringify(${JSON.stringify(file)})) + '); fs.writeSync(1, "reached by hooks\\\\n") } catch {}');
      require('node:module').registerHooks?.({ load: (url, context, next) => next(${JSON.stringify(`file://${file}`)}, context) });
      attempt('hooks', () => require('./x.js'));`,
    ending: ok,
  },
  {
    name: 'a file of the host, by a Worker with options of its own',
    code: byShedding(`attempt('a file', () => ${read})`),
    ending: ok,
  },
  {
    name: 'Node’s internals, by a Worker with options of its own',
    code: byShedding(
      `attempt('internals', () => require('internal/test/binding').internalBinding('fs') && ${read})`,
      ['--expose-internals'],
    ),
    ending: ok,
  },
  {
    name: 'a Node without the permission model in its place',
    code: byShedding(
      `attempt('execve', () => { process.execve(process.execPath, [process.execPath, '-e', ''], {}); })`,
    ),
    ending: ok,
  },
];

const writesNothingOutside: Attack['also'] = () => expect(readdirSync(outside)).toEqual(before);

await atEachLevel('runtime', (level) => {
  defineAttacks(
    level,
    attacks.map((attack) => ({ ...attack, also: writesNothingOutside })),
  );
});
