import { argsLimit, argsLimitBytes } from './limits.ts';
import { addTooLarge, boundedList, storableText, utf8Length } from './storable-text.ts';

/** The `args` of a submission. */
export const argsSchema = boundedList('args', argsLimit, storableText('an argument')).superRefine(
  (args, context) => {
    const bytes = args.reduce((sum, arg) => sum + utf8Length(arg), 0);
    if (bytes > argsLimitBytes) {
      addTooLarge(context, `args have ${bytes} bytes of UTF-8; at most ${argsLimitBytes} are accepted`);
    }
  },
);
