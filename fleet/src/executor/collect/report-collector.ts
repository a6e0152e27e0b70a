import { valueLimitBytes } from '@runfleet/shared/model/limits.ts';
import { noReport, parseReport, type Report } from './report.ts';

/**
 * More than one line of the bootstrap's: a value, which a string in JSON makes twice as long at most, or an error with
 * its causes, whose texts add up to 100 KB, each character escaped to its longest JSON form.
 */
const lineLimitBytes = Math.max(2 * valueLimitBytes, 600 * 1024) + 64 * 1024;

/** A bootstrap says a dozen things; whoever has the nonce and says more is not heard. */
const messageLimit = 50;

const lineBreak = 0x0a;

/**
 * Finds the bootstrap's reports in what came over fd 3, where the code can write as well. Only lines that begin with
 * the nonce count, and nothing else is kept, so a code that floods the channel costs no memory and loses no report.
 *
 *   searching → (line break, nonce, space) → in a line → (line break) → searching
 */
export class ReportCollector {
  readonly #start: Buffer;
  readonly #report: Report = { ...noReport };
  /** While searching: the end of what was searched, which may be the beginning of a start. */
  #tail: Buffer = Buffer.of(lineBreak);
  /** The chunks of the line that it is in; null while searching. */
  #line: Buffer[] | null = null;
  #lineBytes = 0;
  #messages = 0;

  constructor(nonce: string) {
    this.#start = Buffer.from(`\n${nonce} `);
  }

  add(chunk: Buffer): void {
    let rest: Buffer | null = chunk;
    while (rest !== null) rest = this.#line === null ? this.#search(rest) : this.#readOn(rest);
  }

  finish(): Report {
    return { ...this.#report };
  }

  #search(chunk: Buffer): Buffer | null {
    // Within the chunk, or across its beginning.
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    const at = bytes.indexOf(this.#start);
    if (at === -1) {
      this.#tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - this.#start.length + 1)));
      return null;
    }
    this.#line = [];
    this.#lineBytes = 0;
    return bytes.subarray(at + this.#start.length);
  }

  #readOn(chunk: Buffer): Buffer | null {
    const end = chunk.indexOf(lineBreak);
    const part = end === -1 ? chunk : chunk.subarray(0, end);
    this.#lineBytes += part.length;
    if (this.#lineBytes <= lineLimitBytes) this.#line!.push(part);
    if (end === -1) return null;
    if (this.#lineBytes <= lineLimitBytes) this.#take(Buffer.concat(this.#line!).toString('utf8'));
    this.#line = null;
    this.#tail = Buffer.alloc(0);
    // The line break may be the one that the next report begins with.
    return chunk.subarray(end);
  }

  #take(json: string): void {
    if (++this.#messages > messageLimit) return;
    const message = parseReport(json);
    switch (message?.kind) {
      case 'running':
        this.#report.running = true;
        break;
      case 'setup_failed':
        this.#report.setupFailure ??= message.failure;
        break;
      case 'syntax_error':
      case 'uncaught_error':
        this.#report.error ??= message;
        break;
      case 'value':
        this.#report.value ??= message.value;
        break;
      case 'exiting':
        this.#report.exiting = message.exiting;
        break;
      case undefined:
        break;
    }
  }
}
