import { createRequire } from 'node:module';
import { valueLimitBytes } from '@runfleet/shared/model/limits.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

type ToJson = (value: unknown) => { json: string } | { note: string };
const { toJson } = createRequire(import.meta.url)('./to-json.cjs') as { toJson: ToJson };

const circle: Record<string, unknown> = { a: { b: {} } };
(circle['a'] as Record<string, unknown>)['b'] = circle;
const shared = { x: 1 };
const deep = (depth: number): unknown => (depth === 0 ? 0 : [deep(depth - 1)]);
const throwing = (error: unknown) => () => {
  throw error;
};

it('is what JSON.stringify says of what JSON can hold', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(toJson(value)).toEqual({ json: JSON.stringify(value) });
    }),
  );
});

it.each<[string, unknown, string]>([
  ['what JSON leaves out or makes null', { a: undefined, b: [undefined, NaN, -0] }, '{"b":[null,null,0]}'],
  ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ['toJSON', { a: { toJSON: (key: string) => `of ${key}` } }, '{"a":"of a"}'],
  [
    'a Map',
    new Map<unknown, unknown>([
      ['a', 1],
      [{ b: 2 }, [3]],
    ]),
    '[["a",1],[{"b":2},[3]]]',
  ],
  ['a Set', new Set(['a', 1]), '["a",1]'],
  [
    'an error',
    Object.assign(new TypeError('no', { cause: 1 }), { code: 'X' }),
    '{"name":"TypeError","message":"no","cause":1,"code":"X"}',
  ],
  ['a typed array', new Float32Array([1, 0.5]), '[1,0.5]'],
  ['a Buffer', Buffer.from('a'), '{"type":"Buffer","data":[97]}'],
  ['a boxed string', Object('a'), '"a"'],
  ['an array with a hole', [1, , 2], '[1,null,2]'], // eslint-disable-line no-sparse-arrays
  ['the same object twice', [shared, shared], '[{"x":1},{"x":1}]'],
  ['a lone surrogate', '\ud800', '"\\ud800"'],
  ['no prototype', Object.assign(Object.create(null), { __proto: 1 }), '{"__proto":1}'],
  [
    'a class',
    new (class {
      a = 1;
      #b = 2;
      b() {
        return this.#b;
      }
    })(),
    '{"a":1}',
  ],
])('has JSON of %s', (_, value, json) => {
  expect(toJson(value)).toEqual({ json });
});

describe('has a note', () => {
  it.each<[string, unknown, string]>([
    ['a circle', circle, 'The value has a circular reference at .a.b'],
    [
      'a circle in a Map',
      (() => {
        const m = new Map();
        m.set('m', [m]);
        return m;
      })(),
      'The value has a circular reference at [0][1][0]',
    ],
    ['a BigInt', { n: [1n] }, 'The value has a BigInt at .n[0], which JSON cannot hold.'],
    ['a BigInt itself', 1n, 'The value is a BigInt, which JSON cannot hold.'],
    [
      'a function',
      { 'odd key': () => 1 },
      'The value has a function at ["odd key"], which JSON cannot hold.',
    ],
    ['a symbol', [Symbol('s')], 'The value has a symbol at [0], which JSON cannot hold.'],
    ['undefined', undefined, 'The value is undefined.'],
    ['a promise in it', { p: Promise.resolve() }, 'The value has a promise at .p, which JSON cannot hold.'],
    ['a RegExp', /x/, 'The value is a RegExp, which JSON cannot hold.'],
    ['a WeakMap', new WeakMap(), 'The value is a WeakMap, which JSON cannot hold.'],
    ['too much', 'x'.repeat(valueLimitBytes - 1), 'The value is longer than 262144 bytes as JSON.'],
    [
      'too much of UTF-8',
      ['€'.repeat(valueLimitBytes / 3)],
      'The value is longer than 262144 bytes as JSON.',
    ],
    [
      'an array with room for more than there is',
      Array(1e9),
      'The value is longer than 262144 bytes as JSON.',
    ],
    ['depth', deep(501), 'The value is nested more than 500 deep.'],
    [
      'a getter that throws',
      {
        a: {
          get b() {
            throw new Error('no');
          },
        },
      },
      'The value cannot be read at .a.b: no',
    ],
    [
      'a toJSON that throws',
      { a: { toJSON: throwing(new Error('no')) } },
      'The value cannot be read at .a: no',
    ],
    ['a proxy that refuses', new Proxy({}, { ownKeys: throwing('no') }), 'The value cannot be read: no'],
    [
      'a revoked proxy',
      (() => {
        const p = Proxy.revocable({}, {});
        p.revoke();
        return p.proxy;
      })(),
      "The value cannot be read: Cannot perform 'get' on a proxy that has been revoked",
    ],
    [
      'what throws a proxy',
      {
        get a() {
          throw new Proxy({}, { get: throwing(1), getPrototypeOf: throwing(2) });
        },
      },
      'The value cannot be read at .a: it throws',
    ],
    [
      'what throws what throws',
      {
        get a() {
          throw {
            get message() {
              throw 1;
            },
          };
        },
      },
      'The value cannot be read at .a: it throws',
    ],
    [
      'an object that ever makes another',
      (function make(): object {
        return {
          get a() {
            return make();
          },
        };
      })(),
      'The value is nested more than 500 deep.',
    ],
  ])('of %s', (_, value, note) => {
    expect(toJson(value)).toEqual({ note });
  });

  it('that is short, however long the way', () => {
    const key = 'k'.repeat(1e5);
    const result = toJson({ [key]: { [key]: { [key]: () => 1 } } });
    expect('note' in result && result.note.length).toBeLessThan(300);
  });
});

it('has room for as much as the limit', () => {
  expect(toJson('x'.repeat(valueLimitBytes - 2))).toHaveProperty('json');
});
