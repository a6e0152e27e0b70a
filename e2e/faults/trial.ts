import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCampaign } from './campaign.ts';
import { check, type Verdict } from './check/check.ts';
import type { Fault } from './faults/fault.ts';
import { figurePage } from './figures.ts';
import type { Shares } from './load/programs.ts';
import type { History } from './history/history.ts';
import { Random } from './random.ts';
import { startSystem } from './system/system.ts';

export interface Trial {
  programRoot: string;
  seed: string;
  minutes: number;
  perSecond: number;
  shares: Shares;
  faults: readonly Fault[];
  /** Leave the data. */
  keep: boolean;
}

export interface TrialReport {
  history: History;
  verdicts: Verdict[];
  figures: string;
}

/** One campaign, from the start of its system to the verdict; nothing is left of it. */
export async function runTrial(
  { programRoot, seed, minutes, perSecond, shares, faults, keep }: Trial,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<TrialReport> {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'runfleet-faults-')));
  const totalMs = minutes * 60_000;
  const cleanMs = Math.min(20_000, totalMs / 4);
  try {
    const system = await startSystem({ programRoot, dataDir, workers: 3, concurrency: 4, recorders: 2 }, say);
    try {
      const plan = {
        random: new Random(seed),
        perSecond,
        shares,
        cleanMs,
        faultsMs: totalMs - cleanMs,
        faults,
      };
      const history = await runCampaign(system, plan, signal, say);
      if (keep) writeFileSync(join(dataDir, 'history.json'), JSON.stringify(history));
      const verdicts = check(history);
      const { isolation } = system;
      const missed = faults
        .map(({ name }) => name)
        .filter((name) => !history.faults.some((span) => span.name === name));
      const figures = figurePage(history, verdicts, { seed, minutes, perSecond, isolation, missed });
      return { history, verdicts, figures };
    } finally {
      await system.close();
    }
  } finally {
    if (keep) say(`kept: ${dataDir}`);
    else rmSync(dataDir, { recursive: true, force: true });
  }
}
