import { fileURLToPath } from 'node:url';
import { invariants } from './check/check.ts';
import { createFaults } from './faults/all-faults.ts';
import type { Fault } from './faults/fault.ts';
import { violationPage } from './figures.ts';
import { shares } from './load/programs.ts';
import { mutants } from './mutants/all-mutants.ts';
import { mutantTable, type MutantResult } from './mutants/mutant-table.ts';
import { tryMutant } from './mutants/try-mutant.ts';
import { readOptions, usage, type Options } from './options.ts';
import { runTrial, type Trial, type TrialReport } from './trial.ts';

const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

function chooseFaults(only: readonly string[] | null): Fault[] {
  const faults = createFaults();
  if (only === null) return faults;
  return only.map((name) => {
    const fault = faults.find((one) => one.name === name);
    if (fault === undefined) throw new Error(`there is no fault ${name} (--list names them)`);
    return fault;
  });
}

async function main(options: Options): Promise<number> {
  if (options.help) return print(usage);
  if (options.list) return print(names());
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      say(`${signal}: ending everything`);
      stop.abort();
    });
  }
  if (options.mutants) return tryAllMutants(options, stop.signal);
  const mutant = mutants.find(({ name }) => name === options.mutant) ?? null;
  if (options.mutant !== null && mutant === null)
    throw new Error(`there is no mutant ${options.mutant} (see --list)`);
  const trial = trialOf(options, options.only ?? mutant?.faults ?? null);
  const { verdicts, figures } = await (mutant === null
    ? runTrial(trial, stop.signal, say)
    : tryMutant(mutant, trial, stop.signal, say));
  print(`\n${figures}`);
  if (verdicts.length === 0) return 0;
  print(`\n${violationPage(verdicts)}\n\nagain: npm run faults -- ${argumentsOf(options)}`);
  return 1;
}

/** Fails when a mutant stays green, or when the program as it is does not stay green under the faults of all of them. */
async function tryAllMutants(options: Options, signal: AbortSignal): Promise<number> {
  const results: MutantResult[] = [];
  const attempt = async (mutant: string, faults: readonly string[], run: () => Promise<TrialReport>) => {
    const verdicts = await run().then(
      (report) => report.verdicts,
      (error: unknown) => {
        signal.throwIfAborted();
        return error instanceof Error ? error.message : String(error);
      },
    );
    results.push({ mutant, faults, verdicts });
    return verdicts.length > 0;
  };
  const all = [...new Set(mutants.flatMap(({ faults }) => faults))];
  let asExpected = !(await attempt('(none)', all, () => runTrial(trialOf(options, all), signal, say)));
  for (const mutant of mutants) {
    const trial = trialOf(options, mutant.faults);
    if (!(await attempt(mutant.name, mutant.faults, () => tryMutant(mutant, trial, signal, say))))
      asExpected = false;
  }
  print(mutantTable(results));
  return asExpected ? 0 : 1;
}

function trialOf(
  { program, seed, minutes, perSecond, keep }: Options,
  faults: readonly string[] | null,
): Trial {
  return {
    programRoot: program ?? root,
    seed,
    minutes,
    perSecond,
    shares,
    faults: chooseFaults(faults),
    keep,
  };
}

function names(): string {
  const lists = { faults: createFaults(), mutants, invariants };
  return Object.entries(lists)
    .map(([kind, list]) => `${kind}:\n${list.map(({ name }) => `  ${name}`).join('\n')}`)
    .join('\n');
}

function argumentsOf({ seed, minutes, perSecond, only, mutant, program }: Options): string {
  const given = { only: only?.join(','), mutant, program };
  const more = Object.entries(given).flatMap(([name, value]) => (value ? [` --${name} ${value}`] : []));
  return `--seed ${seed} --minutes ${minutes} --rate ${perSecond}${more.join('')} --keep`;
}

const startedMs = performance.now();

function say(line: string): void {
  const at = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(6);
  console.error(`${at} s  ${line}`);
}

function print(text: string): number {
  console.log(text);
  return 0;
}

try {
  process.exitCode = await main(readOptions());
} catch (error) {
  console.error(`faults: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
// Whatever keeps the event loop alive by now is not ours to wait for.
process.exit();
