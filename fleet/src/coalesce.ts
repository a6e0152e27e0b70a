/**
 * Makes many calls into few: while one flush is under way, calls wait, and the next flush takes them together. A call
 * that comes alone is flushed at once, so an idle system pays no delay for it.
 *
 * @param flush answers each item, in the items' order; when it throws, all calls of that flush throw the same
 * @param maxItems the most that one flush takes
 */
export function coalesce<Item, Answer>(
  flush: (items: Item[]) => Promise<Answer[]>,
  maxItems: number,
): (item: Item) => Promise<Answer> {
  interface Waiting {
    item: Item;
    resolve: (answer: Answer) => void;
    reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let flushing = false;

  async function drain(): Promise<void> {
    flushing = true;
    while (waiting.length > 0) {
      const taken = waiting.slice(0, maxItems);
      waiting = waiting.slice(maxItems);
      try {
        const answers = await flush(taken.map(({ item }) => item));
        taken.forEach(({ resolve }, index) => resolve(answers[index] as Answer));
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    flushing = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!flushing) void drain();
    });
}
