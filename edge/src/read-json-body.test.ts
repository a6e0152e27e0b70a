import {
  bodyLimitBytes,
  codeLimitBytes,
  filesLimit,
  filesLimitBytes,
  promptLimitBytes,
  stdinLimitBytes,
} from '@runfleet/shared/model/limits.ts';
import { describe, expect, it } from 'vitest';
import { expectProblem } from '../test/expect-problem.ts';
import { useLogLines } from '../test/log-lines.ts';
import { jsonBody, useEdge } from '../test/use-edge.ts';

const edge = await useEdge();
const log = useLogLines();

const post = (body: RequestInit['body'], contentType: string | null = 'application/json') =>
  edge.fetch('/tasks', {
    method: 'POST',
    ...(body === undefined ? {} : { body }),
    headers: contentType === null ? {} : { 'content-type': contentType },
  });

describe('the content type', () => {
  it.each([
    [null],
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['application/jsonp'],
    ['text/json'],
    ['application/problem+json'],
    ['application/json; charset=iso-8859-1'],
    ['application/json; charset=utf-16'],
    ['application/json; foo=bar; charset=latin1'],
  ])('%s is refused', async (contentType) => {
    // Bytes, because a text body would be declared as text/plain by the client itself.
    const response = await post(new TextEncoder().encode('{"code":"1"}'), contentType);
    await expectProblem(response, 'unsupported_media_type');
    expect(response.headers.get('accept')).toBe('application/json');
  });
});

describe('a body that is not JSON', () => {
  it.each([
    ['nothing', undefined],
    ['nothing but space', ' \n'],
    ['half an object', '{"code":"1"'],
    ['a trailing comma', '{"code":"1",}'],
    ['two objects', '{"code":"1"}{"code":"2"}'],
    ['single quotes', "{'code':'1'}"],
    ['a control character in a string', '{"code":"\u0001"}'],
    ['NaN', '{"code":NaN}'],
  ])('such as %s is refused', async (_, body) => {
    await expectProblem(await post(body), 'invalid_json');
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a cut emoji', [0xf0, 0x9f, 0x8e]],
  ])('because of %s is refused, not mended', async (_, bytes) => {
    const body = new Uint8Array([...new TextEncoder().encode('{"code":"'), ...bytes, 0x22, 0x7d]);
    const problem = await expectProblem(await post(body), 'invalid_json');
    expect(problem['detail']).toBe('The body is not UTF-8.');
  });

  it('may begin with a byte order mark, as Windows editors write it', async () => {
    expect((await post('\uFEFF{"code":"1"}')).status).toBe(202);
    await edge.settled();
  });
});

describe('a body that is JSON but no task', () => {
  it.each([
    ['null', null, ''],
    ['an array', [{ code: '1' }], ''],
    ['a string', 'text', ''],
    ['no code', { prompt: 'x' }, 'code'],
    ['code of another type', { code: 1 }, 'code'],
    ['code that is null', { code: null }, 'code'],
    ['prompt of another type', { code: '1', prompt: {} }, 'prompt'],
    ['an unknown field', { code: '1', cpu: 2 }, ''],
    ['a prototype as a field', '{"code":"1","__proto__":{"x":1}}', ''],
    ['an unknown type', { code: '1', type: 'python' }, 'type'],
    ['a type by another name', { code: '1', type: 'toString' }, 'type'],
    ['a timeout of zero', { code: '1', timeout: 0 }, 'timeout'],
    ['a negative timeout', { code: '1', timeout: -5 }, 'timeout'],
    ['a timeout above the limit', { code: '1', timeout: 300.5 }, 'timeout'],
    ['a timeout as text', { code: '1', timeout: '5' }, 'timeout'],
    ['a timeout that overflows', '{"code":"1","timeout":1e999}', 'timeout'],
    ['no attempts', { code: '1', maxAttempts: 0 }, 'maxAttempts'],
    ['half an attempt', { code: '1', maxAttempts: 1.5 }, 'maxAttempts'],
    ['too many attempts', { code: '1', maxAttempts: 11 }, 'maxAttempts'],
    ['code with U+0000', { code: 'a\u0000b' }, 'code'],
    ['args that are text', { code: '1', args: '-x' }, 'args'],
    ['an argument with U+0000', { code: '1', args: ['x', '\u0000'] }, 'args.1'],
    ['a variable that steers Node', { code: '1', env: { NODE_OPTIONS: '--inspect' } }, 'env.NODE_OPTIONS'],
    ['a variable that is a prototype', '{"code":"1","env":{"__proto__":"x"}}', 'env.__proto__'],
    ['a file outside', { code: '1', files: [{ path: '../x', content: '' }] }, 'files.0.path'],
    [
      'a file that is not base64',
      { code: '1', files: [{ path: 'x', content: '?', encoding: 'base64' }] },
      'files.0.content',
    ],
    ['a limit above the maximum', { code: '1', limits: { cpu: 601 } }, 'limits.cpu'],
    ['a limit that there is not', { code: '1', limits: { patience: 1 } }, 'limits'],
    ['half a surrogate pair in code', '{"code":"\\ud800"}', 'code'],
    ['half a surrogate pair in prompt', '{"code":"1","prompt":"\\udc00x"}', 'prompt'],
  ])('because of %s is refused, and the field named', async (_, body, path) => {
    const problem = await expectProblem(
      await edge.fetch(
        '/tasks',
        jsonBody(typeof body === 'string' && body !== 'text' ? body : JSON.stringify(body)),
      ),
      'invalid_task',
    );
    expect(problem['errors']).toEqual([{ path, message: expect.any(String) }]);
  });

  it('has at most twenty errors listed, and each is short', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field-${index}`, 1]));
    const problem = await expectProblem(await edge.fetch('/tasks', jsonBody({ ...unknown })), 'invalid_task');
    expect(JSON.stringify(problem['errors']).length).toBeLessThan(10_000);
  });
});

describe('a body that is too large', () => {
  it('is refused by what it declares, before it is read', async () => {
    const response = await post(`{"code":"${'x'.repeat(bodyLimitBytes)}"}`);
    const problem = await expectProblem(response, 'too_large');
    expect(problem['detail']).toContain(String(bodyLimitBytes));
  });

  it('is refused while it is read, when it declares nothing, and not read to its end', async () => {
    const chunk = new Uint8Array(64 * 1024).fill(0x20);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += chunk.length;
        controller.enqueue(chunk);
      },
    });
    const response = await edge.fetch('/tasks', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: endless,
      duplex: 'half',
    });
    await expectProblem(response, 'too_large');
    expect(sent).toBeLessThan(2 * bodyLimitBytes);
  });

  it.each([
    ['code', codeLimitBytes],
    ['prompt', promptLimitBytes],
    ['stdin', stdinLimitBytes],
  ])('because %s is one byte over its limit in multi-byte characters is refused', async (field, limit) => {
    const fits = '€'.repeat(Math.floor(limit / 3)) + 'x'.repeat(limit % 3);
    const accepted = await edge.fetch('/tasks', jsonBody({ code: '1', [field]: fits }));
    expect(accepted.status).toBe(202);
    await edge.settled();

    const over = await edge.fetch('/tasks', jsonBody({ code: '1', [field]: `${fits}x` }));
    const problem = await expectProblem(over, 'too_large');
    expect(problem['errors']).toEqual([
      { path: field, message: expect.stringContaining(`${limit + 1} bytes`) },
    ]);
  });

  it('because a part of it has too many entries or bytes is refused, and the part named', async () => {
    const files = (count: number, bytes: number) =>
      Array.from({ length: count }, (_, index) => ({ path: `f${index}`, content: 'x'.repeat(bytes) }));
    const fits = { code: '1', files: files(filesLimit, filesLimitBytes / filesLimit) };
    expect((await edge.fetch('/tasks', jsonBody(fits))).status).toBe(202);
    await edge.settled();
    for (const [path, part] of [
      ['files', files(filesLimit + 1, 1)],
      ['files', files(filesLimit, filesLimitBytes / filesLimit + 1)],
      ['args', Array.from({ length: 100_000 }, () => 1)],
      ['env', Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`N${index}`, '']))],
    ] as const) {
      const problem = await expectProblem(
        await edge.fetch('/tasks', jsonBody({ code: '1', [path]: part })),
        'too_large',
      );
      expect(problem['errors']).toEqual([{ path, message: expect.stringContaining('at most') }]);
    }
  });

  it('is not so because its characters are escaped to their longest form', async () => {
    const longest = (bytes: number) => '\u0001'.repeat(bytes);
    const body = {
      code: longest(codeLimitBytes),
      prompt: longest(promptLimitBytes),
      stdin: longest(stdinLimitBytes),
      files: [{ path: 'f', content: longest(filesLimitBytes) }],
    };
    expect((await edge.fetch('/tasks', jsonBody(body))).status).toBe(202);
    await edge.settled();
  });
});

it('never shows a client what it sent as part of the log', async () => {
  await edge.fetch('/tasks', jsonBody('{"code": \u001b[31mred\n{"level":"error","event":"forged"}'));
  expect(log.events('forged')).toEqual([]);
  expect(log.text()).not.toContain('\u001b');
});
