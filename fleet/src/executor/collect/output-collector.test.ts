import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputCollector } from './output-collector.ts';

function collect(limitBytes: number, ...chunks: (string | Uint8Array)[]) {
  const collector = new OutputCollector(limitBytes);
  for (const chunk of chunks) collector.add(Buffer.from(chunk as Uint8Array));
  return collector.finish();
}

const limit = fc.integer({ min: 0, max: 40 });
const chunks = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 12 });
const unicode = fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !text.includes('\ufffd'));
const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

describe('OutputCollector', () => {
  it('keeps a stream within its limit whole', () => {
    expect(collect(6, 'abc', 'def')).toEqual({ text: 'abcdef', bytes: 6, droppedBytes: 0 });
    expect(collect(6)).toEqual({ text: '', bytes: 0, droppedBytes: 0 });
  });

  it('keeps head and tail of a longer one, and says what is missing', () => {
    expect(collect(6, 'abcd', 'efgh')).toEqual({
      text: 'abc\n[… 2 bytes dropped …]\nfgh',
      bytes: 8,
      droppedBytes: 2,
    });
  });

  it('drops the rest of a character that it has cut', () => {
    expect(collect(6, 'ab€xxx€yz')).toEqual({
      text: 'ab\n[… 9 bytes dropped …]\nyz',
      bytes: 13,
      droppedBytes: 9,
    });
  });

  it('keeps a byte order mark, and replaces what is not UTF-8', () => {
    expect(collect(10, '\ufeffa', Uint8Array.of(0xff, 0xe2, 0x82)).text).toBe('\ufeffa\ufffd\ufffd');
  });

  it('does not depend on the chunks', () => {
    fc.assert(
      fc.property(limit, chunks, (limitBytes, parts) => {
        expect(collect(limitBytes, ...parts)).toEqual(collect(limitBytes, Buffer.concat(parts)));
      }),
    );
  });

  it('is what TextDecoder says, within the limit', () => {
    fc.assert(
      fc.property(chunks, (parts) => {
        const whole = Buffer.concat(parts);
        expect(collect(whole.length, ...parts)).toEqual({
          text: decode(whole),
          bytes: whole.length,
          droppedBytes: 0,
        });
      }),
    );
  });

  it('accounts for every byte, keeps no more than the limit, and is well-formed', () => {
    fc.assert(
      fc.property(limit, chunks, (limitBytes, parts) => {
        const { text, bytes, droppedBytes } = collect(limitBytes, ...parts);
        const length = Buffer.concat(parts).length;
        expect(bytes).toBe(length);
        expect(droppedBytes).toBeGreaterThanOrEqual(Math.max(0, length - limitBytes));
        // Of a cut character at most three bytes go, at each of the two cuts.
        expect(droppedBytes).toBeLessThanOrEqual(
          Math.max(0, length - limitBytes) + (length > limitBytes ? 6 : 0),
        );
        expect(text.isWellFormed()).toBe(true);
      }),
    );
  });

  it('loses no character but those in the gap', () => {
    fc.assert(
      fc.property(limit, unicode, (limitBytes, written) => {
        const { text, bytes, droppedBytes } = collect(limitBytes, written.toWellFormed());
        if (droppedBytes === 0) {
          expect(text).toBe(written.toWellFormed());
          return;
        }
        const [head, tail] = text.split(`\n[… ${droppedBytes} bytes dropped …]\n`) as [string, string];
        expect(written.startsWith(head) && written.endsWith(tail)).toBe(true);
        expect(Buffer.byteLength(head) + Buffer.byteLength(tail) + droppedBytes).toBe(bytes);
      }),
    );
  });
});
