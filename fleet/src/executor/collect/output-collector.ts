import type { CapturedStream } from '@runfleet/shared/model/outcome.ts';

/**
 * Keeps the head and the tail of a stream, and counts the rest.
 *
 *   limit = head (first half) + tail (second half)
 *
 * The head fills up first; what follows goes round in the tail, a ring whose oldest byte is at `tailAt` once it is
 * full. Both grow with what arrives, so that a silent program costs nothing and a flood costs the limit.
 */
export class OutputCollector {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  #head = Buffer.alloc(0);
  #headLength = 0;
  #tail = Buffer.alloc(0);
  #tailLength = 0;
  #tailAt = 0;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#headLimit = Math.floor(limitBytes / 2);
    this.#tailLimit = limitBytes - this.#headLimit;
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const forHead = Math.min(chunk.length, this.#headLimit - this.#headLength);
    if (forHead > 0) {
      this.#head = withRoomFor(this.#head, this.#headLength, this.#headLength + forHead, this.#headLimit);
      chunk.copy(this.#head, this.#headLength, 0, forHead);
      this.#headLength += forHead;
    }
    // Of a chunk larger than the ring only the end would survive.
    const rest = chunk.subarray(Math.max(forHead, chunk.length - this.#tailLimit));
    if (rest.length > 0) this.#addToTail(rest);
  }

  #addToTail(chunk: Buffer): void {
    const whole = Math.min(chunk.length, this.#tailLimit - this.#tailLength);
    if (whole > 0) {
      this.#tail = withRoomFor(this.#tail, this.#tailLength, this.#tailLength + whole, this.#tailLimit);
      chunk.copy(this.#tail, this.#tailLength, 0, whole);
      this.#tailLength += whole;
    }
    for (let from = whole; from < chunk.length;) {
      const copied = chunk.copy(this.#tail, this.#tailAt, from);
      this.#tailAt = (this.#tailAt + copied) % this.#tailLimit;
      from += copied;
    }
  }

  /** `text` has no replacement character where only our cut split a character; the split bytes count as dropped. */
  finish(): CapturedStream {
    const head = this.#head.subarray(0, this.#headLength);
    const tail = Buffer.concat([
      this.#tail.subarray(this.#tailAt, this.#tailLength),
      this.#tail.subarray(0, this.#tailAt),
    ]);
    if (this.#bytes === head.length + tail.length) {
      return { text: decode(Buffer.concat([head, tail])), bytes: this.#bytes, droppedBytes: 0 };
    }
    const before = head.subarray(0, wholeCharactersLength(head));
    const after = tail.subarray(continuationLength(tail));
    const droppedBytes = this.#bytes - before.length - after.length;
    const gap = `\n[… ${droppedBytes} bytes dropped …]\n`;
    return { text: decode(before) + gap + decode(after), bytes: this.#bytes, droppedBytes };
  }
}

/** A byte order mark is what the code wrote, so it stays. */
function decode(bytes: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** The buffer, or a larger copy of its first `used` bytes: at least `needed`, doubled where the limit allows. */
function withRoomFor(buffer: Buffer<ArrayBuffer>, used: number, needed: number, limit: number) {
  if (needed <= buffer.length) return buffer;
  const larger = Buffer.allocUnsafeSlow(Math.min(limit, Math.max(needed, 2 * buffer.length)));
  buffer.copy(larger, 0, 0, used);
  return larger;
}

/** How much of `bytes` is left when a character that its end cuts off is taken away. */
function wholeCharactersLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (isContinuation(byte)) continue;
    return back < sequenceLength(byte) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** How many bytes at the start belong to a character that began before it. */
function continuationLength(bytes: Buffer): number {
  let length = 0;
  while (length < Math.min(3, bytes.length) && isContinuation(bytes[length]!)) length++;
  return length;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function sequenceLength(leadByte: number): number {
  if (leadByte >= 0xf0) return 4;
  if (leadByte >= 0xe0) return 3;
  return leadByte >= 0xc0 ? 2 : 1;
}
