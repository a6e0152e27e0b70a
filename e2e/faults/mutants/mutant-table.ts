import type { Verdict } from '../check/check.ts';

export interface MutantResult {
  mutant: string;
  faults: readonly string[];
  /** What did not hold; or why there was no verdict. */
  verdicts: readonly Verdict[] | string;
}

/** As markdown, so that it can be kept. */
export function mutantTable(results: readonly MutantResult[]): string {
  const lines = results.map(({ mutant, faults, verdicts }) => {
    const found =
      typeof verdicts === 'string'
        ? verdicts
        : verdicts.map(({ invariant, violations }) => `${invariant} (${violations.length})`).join(', ');
    return `| ${mutant} | ${faults.join(', ')} | ${found === '' ? 'green' : 'red'} | ${found || '–'} |`;
  });
  return ['| mutant | faults | campaign | what does not hold |', '|---|---|---|---|', ...lines].join('\n');
}
