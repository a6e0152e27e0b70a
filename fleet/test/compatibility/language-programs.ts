import type { Program } from './programs.ts';

const wasm = `new Uint8Array([0,97,115,109,1,0,0,0,1,7,1,96,2,127,127,1,127,3,2,1,0,7,7,1,3,97,100,100,0,0,10,9,1,7,0,32,0,32,1,106,11])`;

/** What kinds of program there are, and what is in the language. */
export const languagePrograms: Program[] = [
  {
    name: 'CommonJS',
    code: `const { join } = require('node:path'); console.log(join('a', 'b'), typeof module, this === module.exports)`,
    contains: 'a/b',
  },
  {
    name: 'an ES module',
    kind: 'mjs',
    code: `import { join } from 'node:path'; import fs, { readFileSync } from 'node:fs'; console.log(join('a', 'b'), fs.readFileSync === readFileSync, this)`,
    contains: 'a/b',
  },
  {
    name: 'top-level await',
    kind: 'mjs',
    code: `const values = await Promise.all([1, Promise.resolve(2)]); for await (const value of values) console.log(value);`,
    contains: '2',
  },
  {
    name: 'import.meta',
    kind: 'mjs',
    code: `console.log(import.meta.url, import.meta.filename, import.meta.dirname, import.meta.resolve('./x.mjs'), import.meta.main)`,
    contains: 'main.',
  },
  {
    name: 'the main module',
    code: `console.log(require.main === module, module.id, module.filename === __filename, __dirname === process.cwd(), module.paths.length > 0, module.loaded, module.children.length)`,
    contains: 'true . true true',
  },
  {
    name: 'a dynamic import',
    code: `import('node:os').then(({ EOL }) => console.log(JSON.stringify(EOL))); import('data:text/javascript,export default 5').then((m) => console.log(m.default))`,
    contains: '5',
  },
  {
    name: 'createRequire',
    kind: 'mjs',
    code: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); console.log(require('node:path').sep, require('./data.json').a)`,
    input: { files: [{ path: 'data.json', content: '{"a":1}', encoding: 'utf8' }] },
    contains: '/ 1',
  },
  {
    name: 'files of its own: require, require(esm), JSON, base64, folders',
    code: `console.log(require('./lib/a.cjs'), require('./lib/b.mjs').default, require('./data.json'), require('node:fs').readFileSync('bin/data').toString('hex'))`,
    input: {
      files: [
        { path: 'lib/a.cjs', content: 'module.exports = require("./deep/c.js");', encoding: 'utf8' },
        {
          path: 'lib/deep/c.js',
          content: 'exports.c = __filename.endsWith("lib/deep/c.js");',
          encoding: 'utf8',
        },
        { path: 'lib/b.mjs', content: 'export default "esm";', encoding: 'utf8' },
        { path: 'data.json', content: '{"json":true}', encoding: 'utf8' },
        { path: 'bin/data', content: 'AAH/gA==', encoding: 'base64' },
      ],
    },
    contains: '0001ff80',
  },
  {
    name: 'an import of JSON',
    kind: 'mjs',
    code: `import data from './data.json' with { type: 'json' }; console.log(data.list.length)`,
    input: { files: [{ path: 'data.json', content: '{"list":[1,2,3]}', encoding: 'utf8' }] },
    contains: '3',
  },
  {
    name: 'TypeScript',
    kind: 'cts',
    code: `interface A<T> { value: T }\ntype B = A<number> | null;\nfunction f<T extends object>(x: T): T { return x; }\nconst b = { value: 1 } satisfies B;\nclass C<T> implements A<T> { readonly value!: T; declare x: number; static y?: string; method(this: C<T>, a?: number): a is number { return true; } }\nconsole.log(f(b as A<number>).value!, new C<string>().method(), 1 as unknown);`,
    contains: '1 true 1',
  },
  {
    name: 'TypeScript as a module',
    kind: 'mts',
    code: `import type { Stats } from 'node:fs'; import { statSync, type Dirent } from 'node:fs';\nexport const stats: Stats = statSync('.'); let d: Dirent | undefined;\nconst x: number = await Promise.resolve(4); console.log(stats.isDirectory(), x!, d);`,
    contains: 'true 4',
  },
  {
    name: 'WebAssembly',
    code: `WebAssembly.instantiate(${wasm}).then(({ instance }) => console.log(instance.exports.add(2, 3), new WebAssembly.Memory({ initial: 2, maximum: 4 }).buffer.byteLength))`,
    contains: '5 131072',
  },
  {
    name: 'Intl',
    code: `console.log(new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' }).format(1234.5), new Intl.DateTimeFormat('ja-JP', { dateStyle: 'full', timeZone: 'Asia/Tokyo' }).format(0), ['ä', 'z', 'a'].sort(new Intl.Collator('sv').compare), new Intl.PluralRules('ru').select(3), new Date(0).toString(), Intl.DateTimeFormat().resolvedOptions().timeZone)`,
    contains: '1.234,50',
  },
  {
    name: 'structuredClone',
    code: `const a = { date: new Date(0), map: new Map([[1, new Set([2])]]), re: /x/g, big: 10n, typed: new Float64Array([1.5]) }; a.self = a; console.log(structuredClone(a)); try { structuredClone(() => {}) } catch (error) { console.log(error.name) }`,
    contains: 'DataCloneError',
  },
  {
    name: 'classes, generators, proxies, weak references',
    code: `class A { #x = 1; static { this.y = 2; } get x() { return this.#x; } static has(o) { return #x in o; } } function* g() { yield* [1, 2]; } console.log(new A().x, A.y, A.has(new A()), [...g()], new Proxy({}, { get: (_, name) => name }).hello, new WeakRef(A).deref() === A, Object.groupBy([1, 2, 3], (n) => (n % 2 ? 'odd' : 'even')), [3, 1].toSorted(), 'x'.isWellFormed())`,
    contains: 'hello',
  },
  {
    name: 'eval, Function and vm',
    code: `console.log(eval('1 + 1'), new Function('a', 'return a * 2')(4), require('node:vm').runInNewContext('x + 1', { x: 1 }))`,
    contains: '2 8 2',
  },
  {
    name: 'SharedArrayBuffer and Atomics',
    code: `const shared = new Int32Array(new SharedArrayBuffer(8)); Atomics.add(shared, 0, 5); console.log(Atomics.load(shared, 0), Atomics.wait(shared, 0, 5, 10))`,
    contains: 'timed-out',
  },
  {
    name: 'explicit resource management',
    since: 24,
    code: `{ using a = { [Symbol.dispose]() { console.log('disposed'); } }; console.log('used'); }`,
    contains: 'disposed',
  },
];
