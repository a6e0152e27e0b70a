import type { TaskInput } from '@runfleet/shared/model/task-input.ts';
import type { Kind } from './compare-with-node.ts';
import { errorPrograms } from './error-programs.ts';
import { languagePrograms } from './language-programs.ts';
import { libraryPrograms } from './library-programs.ts';
import { processPrograms } from './process-programs.ts';

/** An ordinary program, which must do the same in a child of the executor as with plain `node`. */
export interface Program {
  name: string;
  code: string;
  /** What the file is called for plain `node`; CommonJS when nothing is said. */
  kind?: Kind;
  input?: Partial<TaskInput>;
  /** The first Node that knows what it uses. */
  since?: number;
  /** Stands in what it prints, lest both print nothing. */
  contains: string;
}

export const programs: Program[] = [
  ...languagePrograms,
  ...libraryPrograms,
  ...processPrograms,
  ...errorPrograms,
];
