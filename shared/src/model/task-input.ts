/** A file that is there before the code starts, in its directory. */
export interface TaskFile {
  /** Relative, with `/`; below the directory. */
  path: string;
  content: string;
  encoding: 'utf8' | 'base64';
}

/** What the code is given beside itself. */
export interface TaskInput {
  stdin: string;
  /** Behind the program's own name in `process.argv`. */
  args: string[];
  env: Record<string, string>;
  files: TaskFile[];
}

export const noInput: TaskInput = { stdin: '', args: [], env: {}, files: [] };
