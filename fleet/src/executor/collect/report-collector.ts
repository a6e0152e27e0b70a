import { noReport, parseReport, type Report } from './report.ts';

/** More than the bootstrap ever sends: its text fields, each character escaped to its longest JSON form. */
const limitBytes = 512 * 1024;

/**
 * Finds the bootstrap's reports in what came over fd 3, where the code can write as well. Only lines that begin with
 * the nonce count. Past the limit nothing is kept; a code that floods the channel loses its own error.
 */
export class ReportCollector {
  readonly #nonce: string;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(nonce: string) {
    this.#nonce = nonce;
  }

  add(chunk: Buffer): void {
    const kept = chunk.subarray(0, limitBytes - this.#bytes);
    if (kept.length === 0) return;
    this.#bytes += kept.length;
    this.#chunks.push(kept);
  }

  finish(): Report {
    const prefix = `${this.#nonce} `;
    const report = { ...noReport };
    for (const line of Buffer.concat(this.#chunks).toString('utf8').split('\n')) {
      const message = line.startsWith(prefix) ? parseReport(line.slice(prefix.length)) : null;
      if (message === null) continue;
      if (message.kind === 'running') report.running = true;
      else if (message.kind === 'setup_failed') report.setupFailure ??= message.message;
      else report.error ??= message;
    }
    return report;
  }
}
