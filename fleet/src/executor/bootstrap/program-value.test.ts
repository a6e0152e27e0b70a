import { describe, expect, it } from 'vitest';
import { runBootstrap } from '../testing/run-bootstrap.ts';

const later = 'new Promise((resolve) => setTimeout(resolve, 5, 6))';

describe('what a program produced', () => {
  it.each([
    ['a default export', `export default { a: [1, 'b'] }`, '{"a":[1,"b"]}'],
    ['a default export, behind an await', `const x = await ${later}; export default x`, '6'],
    ['a default export by name', `const x = 7; export { x as default }`, '7'],
    ['a binding that changes later', `let x = 1; export { x as default }; setTimeout(() => (x = 2), 5)`, '2'],
    ['null', `export default null`, 'null'],
    ['TypeScript', `interface A { a: number }\nconst a: A = { a: 1 };\nexport default a;`, '{"a":1}'],
    ['module.exports', `module.exports = 3`, '3'],
    ['properties of exports', `exports.a = 1`, '{"a":1}'],
    ['an empty object that is not the first one', `module.exports = {}`, '{}'],
    ['what is mutated later', `const r = (module.exports = []); setTimeout(() => r.push(1), 5)`, '[1]'],
    ['what is assigned at the exit', `process.on('exit', () => (module.exports = 8))`, '8'],
    ['a promise', `module.exports = main(); async function main() { return ${later} }`, '6'],
    ['a promise in a module', `export default (async () => ({ a: await ${later} }))()`, '{"a":6}'],
    [
      'a promise that is followed by an exit',
      `exports.a = 1; setTimeout(() => process.exit(0), 5)`,
      '{"a":1}',
    ],
  ])('%s', async (_, code, json) => {
    expect(await runBootstrap(code)).toMatchObject({ exitCode: 0, stderr: '', report: { value: { json } } });
  });

  it.each([
    ['nothing', `console.log(1)`],
    ['named exports', `export const a = 1`],
    ['undefined', `export default undefined`],
    ['a promise of nothing', `module.exports = (async () => {})()`],
    ['what ends itself before it is done', `module.exports = 1; process.exit(0)`],
    ['a module that ends itself before it is done', `export default 1; process.exit(0)`],
    ['an await without an end', `export default 1; await new Promise(() => {})`],
    ['what throws', `module.exports = 1; throw new Error()`],
    ['a module that throws', `export default 1; throw new Error()`],
    ['what throws and goes on', `process.on('uncaughtException', () => {}); module.exports = 1; throw 1`],
    ['what is killed', `module.exports = 1; setTimeout(() => process.kill(process.pid, 'SIGKILL'))`],
    ['a module that cannot be linked', `import { nope } from 'node:fs'; export default 1`],
  ])('no value: %s', async (_, code) => {
    expect((await runBootstrap(code)).report).toMatchObject({ running: true, value: null });
  });

  it.each([
    ['a promise that does not settle', `module.exports = new Promise(() => {})`, /never settled/],
    ['a rejection that is handled', `(module.exports = Promise.reject(1)).catch(() => {})`, /was rejected/],
    [
      'a promise that is cut short',
      `module.exports = new Promise(() => {}); setTimeout(() => process.exit(0))`,
      /the program was ended/,
    ],
    ['a function', `module.exports = { add: (a, b) => a + b }`, /a function at \.add/],
    [
      'a hostile one',
      `module.exports = new Proxy({}, { get() { throw 1 }, ownKeys() { throw 2 } })`,
      /cannot be read/,
    ],
  ])('a note: %s', async (_, code, note) => {
    expect(await runBootstrap(code)).toMatchObject({
      exitCode: 0,
      stderr: '',
      report: { value: { note: expect.stringMatching(note) } },
    });
  });

  it.each([
    ['CommonJS', `module.exports = (async () => { throw new Error('no') })()`],
    ['a module', `export default (async () => { throw new Error('no') })()`],
    ['a module, later', `export default new Promise((_, reject) => setTimeout(reject, 5, new Error('no')))`],
  ])('a rejection stays unhandled, though we look at it: %s', async (_, code) => {
    const { exitCode, error } = await runBootstrap(code);
    expect({ exitCode, message: error?.message }).toEqual({ exitCode: 1, message: 'no' });
  });

  it('survives code that replaces what a value is read with', async () => {
    const { report } = await runBootstrap(`
      JSON.stringify = Object.keys = Array.isArray = Array.prototype.push = String.prototype.slice = Promise.prototype.then =
        Map.prototype.forEach = Function.prototype.call = RegExp.prototype.test = () => { throw 1 };
      module.exports = { a: [1, new Map([['b', 2]])] };`);
    expect(report.value).toEqual({ json: '{"a":[1,[["b",2]]]}' });
  });

  it('is as long as the limit', async () => {
    const { report } = await runBootstrap(`module.exports = '"'.repeat(131071)`);
    expect(report.value).toEqual({ json: JSON.stringify('"'.repeat(131071)) });
    expect(report.exiting).not.toBeNull();
  });
});
