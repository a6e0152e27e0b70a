import { expect, it } from 'vitest';
import { atEachLevel } from '../attacks/attack.ts';

/** What cannot be had must say so in a way that a person, or a model, can act on. */
await atEachLevel('refusals', ({ level, under }) => {
  it.skipIf(level === 'process')('fetch fails, and says that there is no network', async () => {
    const outcome = await under.run(`await fetch('https://example.org');`);
    expect(outcome).toMatchObject({
      reason: 'uncaught_error',
      error: { name: 'TypeError', message: 'fetch failed' },
    });
    expect(outcome.error?.cause?.message).toMatch(/EAI_AGAIN|ENOTFOUND|ENETUNREACH|ECONNREFUSED/);
  });

  it.each([
    ['a process', `require('node:child_process').execSync('ls')`, '--allow-child-process'],
    ['a file of the host', `require('node:fs').readFileSync('/etc/hostname')`, '--allow-fs-read'],
    ['a file elsewhere', `require('node:fs').writeFileSync('/tmp/x', '')`, '--allow-fs-write'],
  ])('%s is refused by name', async (_, code, flag) => {
    const outcome = await under.run(code);
    expect(outcome).toMatchObject({ reason: 'uncaught_error', exitCode: 1 });
    expect(outcome.error?.message).toContain('Access to this API has been restricted');
    expect(outcome.error?.message).toContain(flag);
    expect(outcome.stderr.text).toContain('ERR_ACCESS_DENIED');
  });

  it.each([
    ['an enum', 'enum A { B }', 'TypeScript enum is not supported in strip-only mode'],
    [
      'a namespace',
      'namespace N { export const a = 1 }',
      'TypeScript namespace declaration is not supported',
    ],
    [
      'a parameter property',
      'class A { constructor(private a: number) {} }',
      'parameter property is not supported',
    ],
    ['a cast in angle brackets', 'const a = <any>1;', 'angle-bracket syntax for type assertions'],
    ['a decorator', 'function d(x: any) {}\n@d class A { a: number = 1 }', 'Invalid or unexpected token'],
  ])('%s of TypeScript does not compile, and says why', async (_, code, message) => {
    const outcome = await under.run(code);
    expect(outcome).toMatchObject({ reason: 'syntax_error', exitCode: 1, error: { name: 'SyntaxError' } });
    expect(outcome.error?.message).toContain(message);
    expect(outcome.error?.line).toBeGreaterThan(0);
  });
});
