import type { Program } from './programs.ts';

/** What a program sees of its process, and says to it. */
export const processPrograms: Program[] = [
  {
    name: 'arguments',
    code: `console.log(process.argv.slice(2), process.argv.length, process.argv[1], process.argv0, process.execArgv)`,
    input: { args: ['a', 'b c', '--d', '-', '', 'ä'] },
    contains: '--d',
  },
  {
    name: 'environment',
    code: `console.log(process.env.NAME, process.env.MORE, process.env.TZ, process.env.LANG, process.env.HOME === process.cwd(), 'NODE_OPTIONS' in process.env, Object.keys(process.env).filter((name) => !name.startsWith('RUNFLEET')).sort())`,
    input: { env: { NAME: 'värde\n2', MORE: '' } },
    contains: 'värde',
  },
  {
    name: 'a time zone of its own',
    code: `console.log(new Date(0).getHours(), process.env.TZ)`,
    input: { env: { TZ: 'Asia/Tokyo' } },
    contains: '9',
  },
  {
    name: 'stdin, piped',
    code: `let text = ''; process.stdin.setEncoding('utf8').on('data', (chunk) => (text += chunk)).on('end', () => console.log(text.length, text.slice(0, 5), process.stdin.isTTY));`,
    input: { stdin: 'hello'.repeat(40_000) },
    contains: '200000 hello',
  },
  {
    name: 'stdin, by lines',
    kind: 'mjs',
    code: `import { createInterface } from 'node:readline'; for await (const line of createInterface({ input: process.stdin })) console.log('>', line);`,
    input: { stdin: 'one\ntwo\r\nthrée' },
    contains: '> thrée',
  },
  {
    name: 'stdin, by questions',
    kind: 'mjs',
    code: `import { createInterface } from 'node:readline/promises'; const lines = createInterface({ input: process.stdin, output: process.stdout }); console.log(await lines.question('name? ')); lines.close();`,
    input: { stdin: 'Ada\n' },
    contains: 'name? Ada',
  },
  {
    name: 'stdin, read at once',
    code: `console.log(require('node:fs').readFileSync(0, 'utf8').toUpperCase())`,
    input: { stdin: 'at once' },
    contains: 'AT ONCE',
  },
  {
    name: 'stdin, read from /dev/stdin',
    code: `try { console.log(require('node:fs').readFileSync('/dev/stdin', 'utf8')) } catch (error) { console.log('at once') }`,
    input: { stdin: 'at once' },
    contains: 'at once',
  },
  {
    name: 'stdin, empty',
    code: `process.stdin.on('end', () => console.log('ended')).resume();`,
    contains: 'ended',
  },
  {
    name: 'stdin, not read',
    code: `console.log('done')`,
    input: { stdin: 'x'.repeat(200_000) },
    contains: 'done',
  },
  {
    name: 'the console',
    code: `console.table([{ a: 1, b: 'x' }, { a: 2 }]); console.dir({ a: { b: { c: {} } } }, { depth: 0 }); console.group('group'); console.log('inside'); console.groupEnd(); console.warn('warned'); console.error(new Error('x').message); console.count(); console.count(); console.assert(false, 'asserted'); console.info('%o %s %i', [1], 'b', 3.7); console.debug({ a: null, f() {}, s: Symbol('s'), d: new Date(0), u: undefined });`,
    contains: 'inside',
  },
  {
    name: 'no colours',
    code: `console.log({ a: 1, b: 'x' }, require('node:util').inspect('x', { colors: process.stdout.hasColors?.() ?? false }), process.stdout.isTTY, process.stdout.columns)`,
    contains: "{ a: 1, b: 'x' }",
  },
  {
    name: 'a large output',
    code: `for (let i = 0; i < 200; i++) console.log(i + ' ' + 'x'.repeat(1000)); process.stdout.write('end\\n', () => console.error('written'))`,
    contains: 'end',
  },
  {
    name: 'exit codes',
    code: `process.exitCode = 4; process.on('exit', (code) => console.log('exit', code, process.exitCode))`,
    contains: 'exit 4',
  },
  {
    name: 'an exit in handlers',
    code: `process.on('beforeExit', () => { console.log('beforeExit'); process.exit(6); }); process.on('exit', (code) => { console.log('exit', code); process.exitCode = 9; });`,
    contains: 'beforeExit',
  },
  {
    name: 'an await that never ends',
    kind: 'mjs',
    code: `console.log('before'); await new Promise(() => {});`,
    contains: 'before',
  },
  {
    name: 'process',
    code: `const usage = process.memoryUsage(); console.log(Object.keys(usage), usage.heapUsed > 1e6, process.version, process.versions.v8, process.platform, process.arch, typeof process.pid, process.title, process.uptime() > 0, process.hrtime.bigint() > 0n, process.cpuUsage().user >= 0, typeof process.umask(), process.release.name, typeof process.resourceUsage().maxRSS, process.cwd(), process.features.typescript, process.getuid?.() >= 0, process.stdin.fd, process.connected, process.send)`,
    contains: 'heapUsed',
  },
  {
    name: 'chdir',
    code: `require('node:fs').mkdirSync('sub'); process.chdir('sub'); require('node:fs').writeFileSync('f', 'x'); console.log(process.cwd().endsWith('sub'), require('node:fs').existsSync('../sub/f'))`,
    contains: 'true true',
  },
  {
    name: 'signals of its own',
    code: `process.on('SIGUSR2', (name, number) => { console.log(name, number); clearInterval(timer); }); const timer = setInterval(() => {}, 1000); process.kill(process.pid, 'SIGUSR2');`,
    contains: 'SIGUSR2 12',
  },
  {
    name: 'a warning of its own',
    code: `process.on('warning', (warning) => console.log(warning.name, warning.message)); process.emitWarning('careful', 'MyWarning');`,
    contains: 'MyWarning careful',
  },
  {
    name: 'what is global',
    code: `console.log(Object.getOwnPropertyNames(globalThis).sort().join(), Object.keys(require.cache).length, Object.keys(process).sort().filter((name) => !['permission'].includes(name)).join(), process.listenerCount('exit') >= 0)`,
    contains: 'setTimeout',
  },
  {
    name: 'gc and natives are not there',
    code: `console.log(typeof gc, typeof WebAssembly, typeof require('node:module').builtinModules)`,
    contains: 'undefined',
  },
];
