import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTrial, type Trial, type TrialReport } from '../trial.ts';
import { copyProgram } from './copy-program.ts';
import type { Mutant } from './mutant.ts';

/** A campaign against a copy of the program with this change; the copy is gone afterwards. */
export async function tryMutant(
  mutant: Mutant,
  trial: Trial,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<TrialReport> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'runfleet-mutant-')));
  const programRoot = join(folder, 'program');
  try {
    copyProgram(trial.programRoot, programRoot, mutant);
    say(`mutant ${mutant.name}: without ${mutant.without}`);
    return await runTrial(
      { ...trial, programRoot, shares: { ...trial.shares, ...mutant.shares } },
      signal,
      say,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
