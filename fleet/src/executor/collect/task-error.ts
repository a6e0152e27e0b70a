import { pathToFileURL } from 'node:url';
import {
  errorCauseLimit,
  errorMessageLimitChars,
  errorNameLimitChars,
  errorStackLimitChars,
} from '@runfleet/shared/model/limits.ts';
import type { TaskError } from '@runfleet/shared/model/outcome.ts';
import { locateInStderr, type Place } from './locate-in-stderr.ts';
import type { ReportedError } from './report.ts';

/** What the submitted source is called wherever a client sees it, be it CommonJS, a module or TypeScript. */
export const sourceName = 'main.js';

/**
 * The error as a client sees it: no frames of Node's own loader or of the bootstrap, no path of the work directory,
 * no text that a database refuses, nothing beyond the limits.
 *
 * @param directory the work directory as the code saw it
 * @param stderr what the attempt printed there: of some errors only Node knows the place, and it prints it
 */
export function toTaskError(reported: ReportedError, directory: string, stderr = ''): TaskError {
  const error = describe(reported, directory, 0);
  const place = reported.located ? null : locateInStderr(stderr);
  return place === null ? error : { ...error, ...place };
}

function describe(reported: ReportedError, directory: string, depth: number): TaskError {
  const hidePaths = pathHider(directory);
  const stack = reported.stack === null ? null : hidePaths(withoutForeignFrames(reported.stack, directory));
  const place = stack === null ? null : findPlace(stack);
  const { cause } = reported;
  return {
    name: clean(reported.name, errorNameLimitChars),
    message: clean(hidePaths(reported.message), errorMessageLimitChars),
    stack: stack === null ? null : clean(cutMiddle(stack, errorStackLimitChars), errorStackLimitChars),
    line: reported.line ?? place?.line ?? null,
    column: reported.column ?? place?.column ?? null,
    cause: cause === null || depth === errorCauseLimit ? null : describe(cause, directory, depth + 1),
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
    cause: null,
  };
}

/** `/…/attempt-x/main.cjs:3:7` reads `main.js:3:7`, another file of the directory reads `lib.js`, the directory `.`. */
function pathHider(directory: string): (text: string) => string {
  const url = pathToFileURL(directory).href;
  const inside = [url, directory].map(
    (path) => new RegExp(`(?<![\\w./-])${escaped(path)}/(main\\.[cm]js(?![\\w./-]))?`, 'g'),
  );
  const itself = new RegExp(`(?<![\\w./-])${escaped(directory)}(?![\\w-])`, 'g');
  return (text) => {
    for (const path of inside) text = text.replace(path, (_, main) => (main === undefined ? '' : sourceName));
    return text.replace(itself, '.');
  };
}

function escaped(path: string): string {
  return path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Wherever the bootstrap is, it is not in the work directory; the code's files are. */
function withoutForeignFrames(stack: string, directory: string): string {
  const isForeign = (line: string) =>
    /^\s+at .*node:internal\//.test(line) ||
    (/^\s+at .*[/\\]bootstrap[/\\][\w-]+\.cjs:\d/.test(line) && !line.includes(directory));
  return stack
    .split('\n')
    .filter((line) => !isForeign(line))
    .join('\n');
}

/** The topmost frame in the submitted source; or the place that Node puts before a stack when a module does not link. */
function findPlace(stack: string): Place | null {
  const frame = /^[ \t]+at (?:.*[ (])?main\.js:(\d+):(\d+)/m.exec(stack);
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
