import { fileNameLimitBytes, filePathLimitBytes } from './limits.ts';
import { utf8Length } from './storable-text.ts';

/** Where the code itself is written, whichever of the two it turns out to be. */
const ofTheProgram = ['main.cjs', 'main.mjs'];

/** Why a submitted file cannot have this path; null when it can. */
export function whyNotFilePath(path: string): string | null {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f\\]/.test(path)) return 'a path has no backslash and no control characters';
  if (!path.isWellFormed()) return 'a path is well-formed Unicode';
  if (utf8Length(path) > filePathLimitBytes) return `a path has at most ${filePathLimitBytes} bytes of UTF-8`;
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'a path is relative, and none of its parts is empty, "." or ".."';
  }
  if (segments.some((segment) => utf8Length(segment) > fileNameLimitBytes)) {
    return `each part of a path has at most ${fileNameLimitBytes} bytes of UTF-8`;
  }
  if (ofTheProgram.includes(segments[0]!)) return `${segments[0]} is where the code itself goes`;
  return null;
}

/** What of these paths cannot stand beside the others: a path that is there twice, or below one that is a file. */
export function findPathConflicts(paths: readonly string[]): { index: number; message: string }[] {
  const files = new Set(paths);
  const seen = new Set<string>();
  const conflicts: { index: number; message: string }[] = [];
  for (const [index, path] of paths.entries()) {
    const parent = parentsOf(path).find((directory) => files.has(directory));
    if (seen.has(path)) conflicts.push({ index, message: 'another file has this path' });
    else if (parent !== undefined) conflicts.push({ index, message: 'a part of this path is another file' });
    seen.add(path);
  }
  return conflicts;
}

function parentsOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}
