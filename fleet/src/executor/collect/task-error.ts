import { pathToFileURL } from 'node:url';
import {
  errorMessageLimitChars,
  errorNameLimitChars,
  errorStackLimitChars,
} from '@runfleet/shared/model/limits.ts';
import type { TaskError } from '@runfleet/shared/model/outcome.ts';
import type { ReportedError } from './report.ts';

/** What the submitted source is called wherever a client sees it, be it CommonJS, a module or TypeScript. */
export const sourceName = 'main.js';

/**
 * The error as a client sees it: no frames of Node's own loader or of the bootstrap, no path of the work directory,
 * no text that a database refuses, nothing beyond the limits.
 */
export function toTaskError(reported: ReportedError, directory: string): TaskError {
  const hidePaths = pathHider(directory);
  const stack = reported.stack === null ? null : hidePaths(withoutForeignFrames(reported.stack));
  const place = stack === null ? null : findPlace(stack);
  return {
    name: clean(reported.name, errorNameLimitChars),
    message: clean(hidePaths(reported.message), errorMessageLimitChars),
    stack: stack === null ? null : clean(cutMiddle(stack, errorStackLimitChars), errorStackLimitChars),
    line: reported.line ?? place?.line ?? null,
    column: reported.column ?? place?.column ?? null,
  };
}

/** Something that is ours, said in the same shape. */
export function internalError(message: string): TaskError {
  return {
    name: 'InternalError',
    message: clean(message, errorMessageLimitChars),
    stack: null,
    line: null,
    column: null,
  };
}

/** `/…/attempt-x/main.cjs:3:7` reads `main.js:3:7`, another file of the directory reads `lib.js`, the directory `.`. */
function pathHider(directory: string): (text: string) => string {
  const source = [
    `${pathToFileURL(directory).href}/main.mjs`,
    `${directory}/main.mjs`,
    `${directory}/main.cjs`,
  ];
  const inside = [`${pathToFileURL(directory).href}/`, `${directory}/`];
  return (text) => {
    for (const path of source) text = text.replaceAll(path, sourceName);
    for (const path of inside) text = text.replaceAll(path, '');
    return text.replaceAll(directory, '.');
  };
}

function withoutForeignFrames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => !/^\s+at .*(node:internal\/|[/\\]executor[/\\]bootstrap[/\\])/.test(line))
    .join('\n');
}

/** The topmost frame in the submitted source; or the place that Node puts before a stack when a module does not link. */
function findPlace(stack: string): { line: number; column: number } | null {
  const frame = /^\s+at (?:.*[ (])?main\.js:(\d+):(\d+)/m.exec(stack);
  if (frame) return { line: Number(frame[1]), column: Number(frame[2]) };
  const header = /^main\.js:(\d+)\n[^\n]*\n([ \t]*)\^/.exec(stack);
  return header ? { line: Number(header[1]), column: header[2]!.length + 1 } : null;
}

/** Frames are at the end of a stack, behind a message of any length. */
function cutMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const gap = '\n[…]\n';
  const half = Math.floor((limit - gap.length) / 2);
  return text.slice(0, half) + gap + text.slice(-half);
}

function clean(text: string, limit: number): string {
  return text.slice(0, limit).replaceAll('\0', '\ufffd').toWellFormed();
}
