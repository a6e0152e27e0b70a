import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export const usage = `Usage: npm run faults -- [--seed N] [--minutes M] [--rate R] [--only FAULT,…] [--mutant NAME | --mutants] [--keep]

Starts the whole system on free ports, with a link that can be broken between any two of its parts; sends tasks; breaks one
thing after the other; lets it heal; and checks the history. The exit code is 1 when something does not hold.

  --seed N       what is sent and what is broken follows from it (default: the time)
  --minutes M    of load, of which a quarter, and at most 20 s, is a clean run before anything is broken (default 3, in
                 which every kind of fault comes at least once)
  --rate R       tasks a second (default 20, or 4 for each processor where that is less: beyond what a machine can
                 run, tasks wait for each other, and no longer for the system to recover)
  --only A,B     these faults and no others
  --mutant NAME  test a copy of the program with one of its safeguards removed, with the faults that show it
  --mutants      every mutant, and the table: each must turn the campaign red
  --program DIR  test the source tree in this directory (default: this one)
  --keep         leave the data and the logs there for a look
  --list         the names of faults, mutants and invariants
  --help         this text`;

export interface Options {
  seed: string;
  minutes: number;
  perSecond: number;
  only: string[] | null;
  mutant: string | null;
  mutants: boolean;
  program: string | null;
  keep: boolean;
  list: boolean;
  help: boolean;
}

/** @throws Error that says which option cannot be understood */
export function readOptions(args?: string[]): Options {
  const boolean = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    ...(args === undefined ? {} : { args }),
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      minutes: { type: 'string', default: '3' },
      rate: { type: 'string', default: String(Math.min(20, 4 * availableParallelism())) },
      only: { type: 'string' },
      mutant: { type: 'string' },
      mutants: boolean,
      program: { type: 'string' },
      keep: boolean,
      list: boolean,
      help: { ...boolean, short: 'h' },
    },
  });
  return {
    seed: values.seed,
    minutes: numberWithin('--minutes', values.minutes, 0.3, 24 * 60),
    perSecond: numberWithin('--rate', values.rate, 0.1, 1_000),
    only: values.only?.split(',') ?? null,
    mutant: values.mutant ?? null,
    mutants: values.mutants,
    program: values.program ?? null,
    keep: values.keep,
    list: values.list,
    help: values.help,
  };
}

function numberWithin(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new Error(`${option} must be a number from ${least} to ${most}`);
  }
  return value;
}
