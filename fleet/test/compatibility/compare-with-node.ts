import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { noInput, type TaskInput } from '@runfleet/shared/model/task-input.ts';

/** The Node that the children run, and that they are compared with. */
export const nodePath = process.env['RUNFLEET_TEST_NODE'] ?? process.execPath;

export const nodeMajor = Number(execFileSync(nodePath, ['--print', 'parseInt(process.versions.node)']));

/** What node makes of the file's name. */
export type Kind = 'cjs' | 'mjs' | 'cts' | 'mts';

export interface Ran {
  stdout: string;
  stderr: string;
  exitCode: number | null;
}

/** Runs the code as `node <file> …args` does, in a directory of its own. Paths in what it prints are as in `withoutPaths`. */
export async function runWithNode(code: string, kind: Kind, given: Partial<TaskInput>): Promise<Ran> {
  const { stdin, args, env, files } = { ...noInput, ...given };
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'runfleet-compatibility-')));
  const file = join(directory, `main.${kind}`);
  for (const { path, content, encoding } of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), Buffer.from(content, encoding));
  }
  writeFileSync(file, code);
  try {
    return await new Promise<Ran>((resolve) => {
      const environment = {
        HOME: directory,
        TMPDIR: directory,
        PATH: '/usr/local/bin:/usr/bin:/bin',
        LANG: 'C.UTF-8',
        TZ: 'UTC',
        RUNFLEET_ATTEMPT: '1',
        ...env,
      };
      const child = execFile(
        nodePath,
        [file, ...args],
        { cwd: directory, env: environment, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
        (_, stdout, stderr) =>
          resolve({
            stdout: withoutPaths(stdout, directory),
            stderr: withoutPaths(stderr, directory),
            exitCode: child.exitCode,
          }),
      );
      child.stdin!.on('error', () => {});
      child.stdin!.end(stdin);
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The text with the directory as `<dir>`, Node as `<node>`, its program as `main.js`, and without frames of Node's own, which depend on how it was loaded. */
export function withoutPaths(text: string, directory: string): string {
  return text
    .replaceAll(nodePath, '<node>')
    .replaceAll('/runtime/node', '<node>')
    .replaceAll(directory, '<dir>')
    .replaceAll(/main\.[cm][jt]s/g, 'main.js')
    .replaceAll(/^ +at .*\(?node:.*\n/gm, '')
    .replaceAll(/^\(node:\d+\)/gm, '(node)');
}
