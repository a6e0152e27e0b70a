export interface BatchBounds {
  /** Rows to one statement. */
  batchSize: number;
  batches: number;
  /** No batch is begun after this long. */
  budgetMs: number;
}

/**
 * Carries a step out again and again, until it finds less than a whole batch, or one of the bounds is met: what is over
 * is the next run's.
 *
 * @param step carries out at most so many, and answers how many they were
 * @returns how many in all
 */
export async function inBatches(
  { batchSize, batches, budgetMs }: BatchBounds,
  step: (limit: number) => Promise<number>,
): Promise<number> {
  const endsAtMs = Date.now() + budgetMs;
  let total = 0;
  for (let batch = 0; batch < batches && Date.now() < endsAtMs; batch += 1) {
    const done = await step(batchSize);
    total += done;
    if (done < batchSize) break;
  }
  return total;
}
