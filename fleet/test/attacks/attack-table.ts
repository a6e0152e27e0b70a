import { appendFileSync } from 'node:fs';
import { isolationLevels, type EndedOutcome, type IsolationLevel } from '@runfleet/shared/model/outcome.ts';

/**
 * What the attacks of one file came to, for the README: `RUNFLEET_ATTACK_TABLE=<path>` makes the suite append its rows
 * there, as `| family | attack | process | sandbox |`.
 */
export class AttackTable {
  readonly #family: string;
  readonly #rows = new Map<string, Partial<Record<IsolationLevel, string>>>();

  constructor(family: string) {
    this.#family = family;
  }

  add(attack: string, level: IsolationLevel, outcome: EndedOutcome, reached: string[]): void {
    this.addText(attack, level, describe(outcome, reached));
  }

  addText(attack: string, level: IsolationLevel, text: string): void {
    this.#rows.set(attack, { ...this.#rows.get(attack), [level]: text });
  }

  write(): void {
    const path = process.env['RUNFLEET_ATTACK_TABLE'];
    if (path === undefined || this.#rows.size === 0) return;
    const lines = [...this.#rows].map(([attack, cells]) => {
      const columns = isolationLevels.map((level) => cells[level] ?? 'not run');
      return `| ${[this.#family, attack, ...columns].map((text) => text.replaceAll('|', '\\|')).join(' | ')} |\n`;
    });
    appendFileSync(path, lines.join(''));
  }
}

function describe({ reason, exitCode, signal, limit }: EndedOutcome, reached: string[]): string {
  const detail = reason === 'exit_code' ? ` ${exitCode}` : reason === 'signal' ? ` ${signal}` : '';
  const met =
    (reason === 'signal' || reason === 'uncaught_error') && limit !== null ? ` (limit: ${limit})` : '';
  const verdict = `\`${reason}\`${detail}${met}`;
  return reached.length === 0 ? verdict : `${verdict}, **reached**: ${reached.join(', ')}`;
}
