import type { Shares } from '../load/programs.ts';

/** The program with one of its safeguards removed. */
export interface Mutant {
  name: string;
  /** What is missing, in a few words. */
  without: string;
  /** Each text must be there exactly once: a mutant that no longer fits the program proves nothing. */
  replacements: readonly { file: string; text: string; by: string }[];
  /** What brings the loss to light. */
  faults: readonly string[];
  /** Kinds of tasks that it takes more of. */
  shares?: Partial<Shares>;
}

/** Throws when the text is not there exactly once. */
export function replaceOnce(source: string, text: string, by: string, where: string): string {
  const places = source.split(text).length - 1;
  if (places !== 1) {
    throw new Error(
      `the mutant is stale: its text is in ${where} ${places} times, and must be there once:\n${text}`,
    );
  }
  return source.replace(text, () => by);
}
