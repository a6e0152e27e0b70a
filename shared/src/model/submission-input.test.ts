import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  argsLimit,
  argsLimitBytes,
  bodyLimitBytes,
  codeLimitBytes,
  envLimit,
  envLimitBytes,
  filesLimit,
  filesLimitBytes,
  promptLimitBytes,
  stdinLimitBytes,
} from './limits.ts';
import { tooLargeIssue } from './storable-text.ts';
import { inputOf, limitsOf, submissionSchema } from './task.ts';
import { maxLimits } from './task-limits.ts';

const schema = submissionSchema({
  types: ['javascript'],
  defaultTimeoutSeconds: 30,
  maxTimeoutSeconds: 300,
});

const read = (body: Record<string, unknown>) => schema.parse({ code: '1', ...body });

/** For each issue where it is, and whether that is too large rather than wrong. */
function refusal(body: Record<string, unknown>): [where: string, what: 'too large' | 'wrong'][] {
  const { error } = schema.safeParse({ code: '1', ...body });
  return (error?.issues ?? []).map((issue) => [
    issue.path.join('.'),
    issue.code === 'custom' && issue.params?.['kind'] === tooLargeIssue ? 'too large' : 'wrong',
  ]);
}
const accepted: ReturnType<typeof refusal> = [];
const unstorable = ['a\0b', 'a\ud83d', '\ude00a'];
const file = (path: string, content: string, encoding = 'utf8') => ({ path, content, encoding });

test('what is given is kept as it is', () => {
  const given = {
    stdin: 'in\r\n',
    args: ['', '-x', '日本語'],
    env: { a: '', _B9: 'x=y\n', TZ: 'Europe/Berlin', LANG: 'de_DE.UTF-8', constructor: 'c' },
    files: [file('a/b.txt', 'ü'), file('c', 'AAEC/w==', 'base64')],
    limits: { cpu: 0.5, memoryBytes: 2 ** 28 },
  };
  const { stdin, args, env, files, limits } = given;
  expect(read(given)).toMatchObject(given);
  expect(inputOf(read(given))).toEqual({ stdin, args, env, files });
  expect(limitsOf(read(given))).toEqual(limits);
});

test('who gives nothing, by whichever way of saying it, gives nothing', () => {
  for (const body of [{}, { stdin: '', args: [], env: {}, files: [], limits: {} }]) {
    expect(inputOf(read(body))).toBeNull();
    expect(limitsOf(read(body))).toBeNull();
  }
  expect(inputOf(read({ args: [''] }))).toEqual({ stdin: '', args: [''], env: {}, files: [] });
});

describe('stdin', () => {
  test('fits under and at its limit in bytes, and not over it', () => {
    expect(refusal({ stdin: 'x'.repeat(stdinLimitBytes - 1) })).toEqual(accepted);
    expect(refusal({ stdin: '😀'.repeat(stdinLimitBytes / 4) })).toEqual(accepted);
    expect(refusal({ stdin: `${'😀'.repeat(stdinLimitBytes / 4)}x` })).toEqual([['stdin', 'too large']]);
  });

  test.each([null, 1, ['x'], ...unstorable])('is text that can be stored, which %j is not', (stdin) => {
    expect(refusal({ stdin })).toEqual([['stdin', 'wrong']]);
  });
});

describe('args', () => {
  const args = (count: number, bytes: number) => [
    ...Array.from({ length: count - 1 }, () => ''),
    'é'.repeat(Math.floor(bytes / 2)) + 'x'.repeat(bytes % 2),
  ];

  test('fit under and at their limits, and not over them', () => {
    expect(refusal({ args: args(argsLimit - 1, argsLimitBytes - 1) })).toEqual(accepted);
    expect(refusal({ args: args(argsLimit, argsLimitBytes) })).toEqual(accepted);
    expect(refusal({ args: args(argsLimit + 1, 1) })).toEqual([['args', 'too large']]);
    expect(refusal({ args: args(2, argsLimitBytes + 1) })).toEqual([['args', 'too large']]);
    expect(refusal({ args: ['xx', ...args(1, argsLimitBytes - 1)] })).toEqual([['args', 'too large']]);
  });

  test.each([null, 'x', {}, 1])('are a list, which %j is not', (value) => {
    expect(refusal({ args: value })).toEqual([['args', 'wrong']]);
  });

  test.each([null, 1, {}, ...unstorable])('are texts that can be stored, which %j is not', (arg) => {
    expect(refusal({ args: ['x', arg] })).toEqual([['args.1', 'wrong']]);
  });
});

describe('env', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `N${index}`);
  const env = (count: number, value = '') => Object.fromEntries(names(count).map((name) => [name, value]));

  test('fits under and at its limits, and not over them', () => {
    expect(refusal({ env: env(envLimit - 1) })).toEqual(accepted);
    expect(refusal({ env: env(envLimit, 'é'.repeat(envLimitBytes / envLimit / 2)) })).toEqual(accepted);
    expect(refusal({ env: env(envLimit + 1) })).toEqual([['env', 'too large']]);
    expect(refusal({ env: { a: 'x'.repeat(envLimitBytes - 1) } })).toEqual(accepted);
    expect(refusal({ env: { a: 'x'.repeat(envLimitBytes - 1), b: 'é' } })).toEqual([['env', 'too large']]);
  });

  test('has names of at most 64 characters', () => {
    expect(refusal({ env: { [`A${'b'.repeat(63)}`]: '' } })).toEqual(accepted);
    expect(refusal({ env: { [`A${'b'.repeat(64)}`]: '' } })).toEqual([[`env.A${'b'.repeat(63)}`, 'wrong']]);
  });

  test.each(['', '1A', 'A-B', 'A B', 'A=B', 'Ä', 'A\0', 'A\n', 'A.B'])('has no name %j', (name) => {
    expect(refusal({ env: { [name]: '' } })).toEqual([[`env.${name}`, 'wrong']]);
  });

  test.each([
    'NODE_OPTIONS', 'NODE_PATH', 'NODE_ENV', 'NODE_EXTRA_CA_CERTS', 'NODE_', 'LD_PRELOAD', 'LD_LIBRARY_PATH',
    'DYLD_INSERT_LIBRARIES', 'RUNFLEET_TASK_ID', 'OPENSSL_CONF', 'SSL_CERT_FILE', 'ICU_DATA', 'ICU', 'UV_THREADPOOL_SIZE',
    'V8_FLAGS', 'GLIBC_TUNABLES', 'MALLOC_CHECK_', 'GCONV_PATH', 'HOME', 'TMPDIR', 'PATH', 'LOCPATH', 'TZDIR',
  ])('may not set %s', (name) => {
    expect(refusal({ env: { [name]: 'x' } })).toEqual([[`env.${name}`, 'wrong']]);
  }); // prettier-ignore

  test.each(['TZ', 'LANG', 'LC_ALL', 'PATHS', 'MY_NODE_OPTIONS', 'NODE', 'CI', 'HTTP_PROXY', 'toString'])(
    'may set %s',
    (name) => {
      expect(refusal({ env: { [name]: 'x' } })).toEqual(accepted);
    },
  );

  test('may not have a name that is none to JavaScript', () => {
    const { error } = schema.safeParse(JSON.parse('{"code":"1","env":{"__proto__":"x"}}'));
    expect(error?.issues.map(({ path }) => path)).toEqual([['env', '__proto__']]);
  });

  test.each([null, 1, {}, ['x'], ...unstorable])('has texts that can be stored, which %j is not', (value) => {
    expect(refusal({ env: { a: 'x', b: value } })).toEqual([['env.b', 'wrong']]);
  });

  test.each([null, 'x', ['A=b'], 1])('is an object, which %j is not', (value) => {
    expect(refusal({ env: value })).toEqual([['env', 'wrong']]);
  });
});

describe('files', () => {
  const files = (count: number) => Array.from({ length: count }, (_, index) => file(`f${index}`, ''));

  test('fit under and at their limits, and not over them', () => {
    expect(refusal({ files: files(filesLimit - 1) })).toEqual(accepted);
    expect(refusal({ files: files(filesLimit) })).toEqual(accepted);
    expect(refusal({ files: files(filesLimit + 1) })).toEqual([['files', 'too large']]);
  });

  test('are measured as they will be on the disk, all together', () => {
    const half = filesLimitBytes / 2;
    const text = (bytes: number) => file('text', 'é'.repeat(Math.floor(bytes / 2)) + 'x'.repeat(bytes % 2));
    const bytes = (count: number) => file('bytes', Buffer.alloc(count, 255).toString('base64'), 'base64');
    expect(refusal({ files: [text(half), bytes(half - 1)] })).toEqual(accepted);
    expect(refusal({ files: [text(half), bytes(half)] })).toEqual(accepted);
    expect(refusal({ files: [text(half + 1), bytes(half)] })).toEqual([['files', 'too large']]);
    expect(refusal({ files: [text(half), bytes(half + 1)] })).toEqual([['files', 'too large']]);
    expect(refusal({ files: [bytes(filesLimitBytes)] })).toEqual(accepted);
  });

  test('are text when nothing else is said', () => {
    expect(read({ files: [{ path: 'a', content: 'b' }] }).files).toEqual([file('a', 'b')]);
  });

  test.each([...unstorable])('are of text that can be stored, which %j is not', (content) => {
    expect(refusal({ files: [file('a', content)] })).toEqual([['files.0.content', 'wrong']]);
  });

  test.each(['AAA', 'AB==', 'AA\n==', 'AA-_', 'é'])(
    'are of base64 that is strictly so, which %j is not',
    (content) => {
      expect(refusal({ files: [file('a', content, 'base64')] })).toEqual([['files.0.content', 'wrong']]);
    },
  );

  test('have paths of their own below the directory', () => {
    expect(refusal({ files: [file('../a', ''), file('main.mjs', '')] })).toEqual([
      ['files.0.path', 'wrong'],
      ['files.1.path', 'wrong'],
    ]);
    expect(refusal({ files: [file('a', ''), file('b', ''), file('a', '')] })).toEqual([
      ['files.2.path', 'wrong'],
    ]);
    expect(refusal({ files: [file('a/b', ''), file('a', '')] })).toEqual([['files.0.path', 'wrong']]);
  });

  test.each([
    ['no path', { content: '' }, 'files.0.path'],
    ['no content', { path: 'a' }, 'files.0.content'],
    ['another encoding', file('a', '', 'hex'), 'files.0.encoding'],
    ['a mode', { ...file('a', ''), mode: 0o4755 }, 'files.0'],
    ['a number as path', { path: 1, content: '' }, 'files.0.path'],
    ['text instead of a file', 'a', 'files.0'],
    ['null instead of a file', null, 'files.0'],
  ])('are refused with %s', (_what, value, where) => {
    expect(refusal({ files: [value] })).toEqual([[where, 'wrong']]);
  });

  test.each([null, 'x', {}])('are a list, which %j is not', (value) => {
    expect(refusal({ files: value })).toEqual([['files', 'wrong']]);
  });
});

describe('limits', () => {
  const { cpuMs, ...maxima } = maxLimits;

  test('may be the maxima, and not more', () => {
    expect(refusal({ limits: { ...maxima, cpu: cpuMs / 1000 } })).toEqual(accepted);
    expect(refusal({ limits: { cpu: cpuMs / 1000 + 0.001 } })).toEqual([['limits.cpu', 'wrong']]);
    for (const [name, max] of Object.entries(maxima)) {
      expect(refusal({ limits: { [name]: max + 1 } })).toEqual([[`limits.${name}`, 'wrong']]);
    }
  });

  test.each([...Object.keys(maxima), 'cpu'])('%s is a number above zero', (name) => {
    for (const value of [0, -1, '1', null, Number.NaN]) {
      expect(refusal({ limits: { [name]: value } })).toEqual([[`limits.${name}`, 'wrong']]);
    }
  });

  test.each([{ cpuMs: 1 }, { memory: 1 }, null, [], 'x'])('are known ones, which %j are not', (limits) => {
    expect(refusal({ limits })).toEqual([['limits', 'wrong']]);
  });
});

test('of millions of wrong entries little is said', () => {
  const many = Array.from({ length: 1_000_000 }, () => 1);
  expect(refusal({ args: many, files: many, env: Object.assign({}, many) })).toEqual([
    ['args', 'too large'],
    ['env', 'too large'],
    ['files', 'too large'],
  ]);
});

test('the largest submission fits into a body, even when each of its characters is escaped', () => {
  const longest = (bytes: number) => '\u0001'.repeat(bytes);
  const path = (index: number) => String(index).padStart(4, '0') + `/${'x'.repeat(203)}`.repeat(5);
  const body = {
    code: longest(codeLimitBytes),
    prompt: longest(promptLimitBytes),
    type: 'javascript',
    timeout: 299.999,
    maxAttempts: 10,
    stdin: longest(stdinLimitBytes),
    args: Array.from({ length: argsLimit }, () => longest(argsLimitBytes / argsLimit)),
    env: Object.fromEntries(
      Array.from({ length: envLimit }, (_, index) => [
        `N${index}`.padEnd(64, '_'),
        longest(envLimitBytes / envLimit),
      ]),
    ),
    files: Array.from({ length: filesLimit }, (_, index) =>
      file(path(index), longest(filesLimitBytes / filesLimit)),
    ),
    limits: { ...maxLimits, cpuMs: undefined, cpu: 600 },
  };
  expect(schema.safeParse(JSON.parse(JSON.stringify(body))).error).toBeUndefined();
  expect(JSON.stringify(body).length).toBeLessThanOrEqual(bodyLimitBytes);
});

test('whatever is accepted survives JSON, on its way to Postgres and to the child', () => {
  const text = fc.string({ unit: 'grapheme' });
  const input = fc.record({
    stdin: text,
    args: fc.array(text),
    env: fc.dictionary(fc.stringMatching(/^[A-Za-z_]\w{0,5}$/), text),
    files: fc.array(fc.record({ path: text, content: text, encoding: fc.constantFrom('utf8', 'base64') })),
  });
  fc.assert(
    fc.property(input, (given) => {
      const parsed = schema.safeParse({ code: '1', ...given });
      if (!parsed.success) return;
      expect(JSON.parse(JSON.stringify(inputOf(parsed.data)))).toEqual(inputOf(parsed.data));
    }),
  );
});
