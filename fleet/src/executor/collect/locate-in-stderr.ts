export interface Place {
  line: number;
  column: number;
}

/**
 * Where Node says that the error was which ended it. It prints, as the last thing before it dies:
 *
 *   …main.mjs:LINE
 *   the source line
 *   spaces, and carets below what is meant unless that is the end
 *
 * The code can print the same: then it lies about its own error, and to itself.
 */
export function locateInStderr(text: string): Place | null {
  const lines = text.split('\n');
  for (let at = lines.length - 3; at >= 0; at--) {
    const line = /(?:^|[/\\])main\.[cm]?js:(\d+)\r?$/.exec(lines[at]!)?.[1];
    const marks = lines[at + 2]!.trimEnd();
    if (line === undefined || !/^[ \t]*\^*$/.test(marks)) continue;
    const sourceLine = lines[at + 1]!;
    return { line: Number(line), column: marks === '' ? sourceLine.length + 1 : marks.indexOf('^') + 1 };
  }
  return null;
}
