import { z } from 'zod';

/** Marks the validation issue of a part that is too large, so that it can be told from one that is wrong. */
export const tooLargeIssue = 'too_large';

export function addTooLarge(context: z.RefinementCtx, message: string): void {
  context.addIssue({ code: 'custom', message, params: { kind: tooLargeIssue } });
}

/** @param path where below the value that is checked */
export function addWrong(context: z.RefinementCtx, message: string, path: (string | number)[] = []): void {
  context.addIssue({ code: 'custom', message, path });
}

/** Text that can be stored, of at most so many bytes. */
export function storableText(name: string, limitBytes = Infinity) {
  return z.string().superRefine((text, context) => {
    const bytes = utf8Length(text);
    const wrong = whyNotStorable(text);
    if (bytes > limitBytes) {
      addTooLarge(context, `${name} has ${bytes} bytes of UTF-8; at most ${limitBytes} are accepted`);
    } else if (wrong !== null) {
      addWrong(context, `${name} ${wrong}`);
    }
  });
}

/** Text must be well-formed Unicode without U+0000: Postgres can hold nothing else. Null when it is. */
export function whyNotStorable(text: string): string | null {
  if (text.includes('\0')) return 'contains U+0000, which cannot be stored';
  return text.isWellFormed() ? null : 'contains half a surrogate pair';
}

export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A list of which the length is checked before its items are: a list of millions makes one issue, not millions. */
export function boundedList<T extends z.ZodType>(name: string, limit: number, item: T) {
  return z
    .array(z.unknown())
    .superRefine((list, context) => {
      if (list.length > limit) {
        addTooLarge(context, `${name} has ${list.length} entries; at most ${limit} are accepted`);
      }
    })
    .pipe(z.array(item));
}
