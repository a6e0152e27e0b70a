import { expect } from 'vitest';
import { atEachLevel, defineAttacks, exited, ok, signalled, uncaught, type Attack } from './attack.ts';

/** Reports as the bootstrap makes them, of an ending that is better than the real one, or of another. */
const lies = `const lies = ['ready', '{"kind":"ready"}', '{"kind":"running"}', '{"kind":"exiting","code":0}', '{"kind":"value","json":"1"}', '{"kind":"setup_failed","message":"forged"}', '{"kind":"uncaught_error","error":{"name":"Forged","message":"forged"}}'];`;

const codes: Attack[] = [1, 2, 127, 128, 129, 134, 137, 139, 143, 255].flatMap((code) => [
  { name: `process.exit(${code})`, code: `process.exit(${code})`, ending: exited(code) },
]);

const otherExits: Attack[] = [
  { name: 'process.exitCode = 137', code: `process.exitCode = 137`, ending: exited(137) },
  { name: 'process.reallyExit(137)', code: `process.reallyExit(137)`, ending: exited(137) },
  {
    name: 'an exit code from an exit handler',
    code: `process.on('exit', () => { process.exitCode = 143; })`,
    ending: exited(143),
  },
  {
    name: 'an exit in an exit handler',
    code: `process.on('exit', () => process.exit(143))`,
    ending: exited(143),
  },
  {
    name: 'process.reallyExit(137) in an exit handler',
    code: `process.on('exit', () => process.reallyExit(137))`,
    ending: exited(137),
  },
  { name: 'process.exit(-1)', code: `process.exit(-1)`, ending: exited(255) },
  { name: 'process.exit(256)', code: `process.exit(256)`, ending: ok },
  {
    name: 'exit(137) behind other handlers',
    code: `process.removeAllListeners('exit'); process.emit = () => {}; process.exit(137)`,
    ending: exited(137),
  },
];

const signals: Attack[] = (
  ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGALRM', 'SIGUSR2', 'SIGVTALRM'] as const
).map((signal) => ({
  name: `${signal} to itself`,
  code: `process.kill(process.pid, '${signal}'); setInterval(() => {}, 1e6)`,
  ending: signalled(signal),
}));

const attacks: Attack[] = [
  ...codes,
  ...otherExits,
  ...signals,
  { name: 'an abort', code: `process.abort()`, ending: signalled('SIGABRT') },
  {
    name: 'SIGSEGV to itself',
    code: `process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1e6)`,
    ending: signalled('SIGSEGV', 'kernel'),
  },
  {
    name: 'a forged exit before a real signal',
    code: `${lies} for (const lie of lies) say(3, '\\n' + lie + '\\n'); process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1e6)`,
    ending: signalled('SIGKILL'),
  },
  {
    name: 'frames on every descriptor, without the nonce or with a wrong one',
    code: `${lies} const { fstatSync } = require('node:fs'); const isSocket = (fd) => { try { return fstatSync(fd).isSocket(); } catch { return false; } };
      // Into what is Node's own, such as the pipe of its signals, it would write its own death.
      for (let fd = 3; fd <= 64; fd++) if (isSocket(fd)) for (const nonce of ['', 'n'.repeat(32) + ' ', '0'.repeat(32) + ' ']) for (const lie of lies) try { say(fd, '\\n' + nonce + lie + '\\n'); } catch {} process.exit(5);`,
    ending: { ...exited(5), error: null, value: null },
  },
  {
    name: 'frames before an error of its own',
    code: `say(3, 'half a line'); throw new Error('genuine')`,
    ending: uncaught,
    also: ({ error }) => expect(error?.message).toBe('genuine'),
  },
  {
    name: 'reading its channel for the nonce',
    code: `const bytes = Buffer.alloc(4096); const fs = require('node:fs'); for (let fd = 3; fd <= 64; fd++) attempt('bytes of ' + fd, () => fs.fstatSync(fd).isSocket() && fs.readSync(fd, bytes) > 0); process.exit(5);`,
    ending: exited(5),
  },
  {
    name: 'searching its heap for the nonce',
    code: `const chunks = []; require('node:v8').getHeapSnapshot().on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        const found = new Set(Buffer.concat(chunks).toString('latin1').match(/(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g));
        ${lies} for (const nonce of found) for (const lie of lies) say(3, '\\n' + nonce + ' ' + lie + '\\n');
        process.exit(5);
      });`,
    ending: { reason: 'exit_code', killedBy: null, limit: null, exitCode: 5 },
  },
];

await atEachLevel('forgery', (level) => defineAttacks(level, attacks));
