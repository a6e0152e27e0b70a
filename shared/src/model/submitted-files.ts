import { z } from 'zod';
import { base64Length } from './base64.ts';
import { findPathConflicts, whyNotFilePath } from './file-path.ts';
import { filesLimit, filesLimitBytes } from './limits.ts';
import { addTooLarge, addWrong, boundedList, utf8Length, whyNotStorable } from './storable-text.ts';
import type { TaskFile } from './task-input.ts';

const fileSchema = z.strictObject({
  path: z.string(),
  content: z.string(),
  encoding: z.enum(['utf8', 'base64']).default('utf8'),
});

/** The `files` of a submission. */
export const filesSchema = boundedList('files', filesLimit, fileSchema).superRefine((files, context) => {
  let bytes = 0;
  for (const [index, file] of files.entries()) {
    const wrongPath = whyNotFilePath(file.path);
    if (wrongPath !== null) addWrong(context, wrongPath, [index, 'path']);
    const content = measure(file);
    if ('wrong' in content) addWrong(context, content.wrong, [index, 'content']);
    else bytes += content.bytes;
  }
  for (const { index, message } of findPathConflicts(files.map(({ path }) => path))) {
    addWrong(context, message, [index, 'path']);
  }
  if (bytes > filesLimitBytes) {
    addTooLarge(context, `files have ${bytes} bytes; at most ${filesLimitBytes} are accepted`);
  }
});

function measure({ content, encoding }: TaskFile): { bytes: number } | { wrong: string } {
  if (encoding === 'base64') {
    const bytes = base64Length(content);
    return bytes === null ? { wrong: 'the content is not base64, with padding and nothing else' } : { bytes };
  }
  const wrong = whyNotStorable(content);
  return wrong === null ? { bytes: utf8Length(content) } : { wrong: `the content ${wrong}` };
}
