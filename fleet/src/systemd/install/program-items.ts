import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { StartError } from '../../start-error.ts';
import type { Item } from './item.ts';

/** The parts of the workspace that run in the fleet, and what is written about them. */
const roots = ['fleet', 'shared'];
const alsoCopied = ['docs'];

const packageSchema = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/**
 * The program as it is laid out in `workspace`, without what only tests and development need: Node runs TypeScript as it
 * is, but not below `node_modules`, so the workspace's shape is kept. Dependencies are found the way Node finds them,
 * and links between packages are copied as links.
 *
 * @param program where it goes
 */
export function programItems(workspace: string, program: string): Item[] {
  const items = new Map<string, Item>();
  const place = (path: string) => join(program, relative(workspace, path));
  const add = (item: Item) => void items.set(item.path, item);

  const seen = new Set<string>();
  function addPackage(directory: string): void {
    if (seen.has(directory)) return;
    seen.add(directory);
    addTree(directory);
    const { dependencies, optionalDependencies } = packageSchema.parse(
      JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')),
    );
    const optional = Object.keys(optionalDependencies);
    for (const name of new Set([...Object.keys(dependencies), ...optional])) {
      addDependency(name, directory, optional.includes(name));
    }
  }
  function addDependency(name: string, of: string, isOptional: boolean): void {
    const path = findPackage(name, of);
    if (path === null) {
      if (isOptional) return;
      throw new StartError(`the dependency ${name} of ${of} is missing: install the dependencies first`);
    }
    if (!path.startsWith(`${workspace}/`)) {
      throw new StartError(`the dependency ${name} is at ${path}, outside of ${workspace}`);
    }
    if (lstatSync(path).isSymbolicLink()) {
      add({ kind: 'link', path: place(path), target: readlinkSync(path) });
    }
    addPackage(realpathSync(path));
  }
  function addTree(directory: string): void {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (isLeftOut(path, entry.name)) continue;
      if (entry.isDirectory()) addTree(path);
      if (entry.isFile()) add({ kind: 'copy', path: place(path), mode: modeOf(path), source: path });
    }
  }
  function isLeftOut(path: string, name: string): boolean {
    if (name === 'node_modules') return true;
    // Tests of ours. What a dependency has published is taken as it is.
    if (path.includes('/node_modules/')) return false;
    return name === 'test' || name === 'testing' || name.endsWith('.test.ts');
  }

  for (const root of roots) addPackage(join(workspace, root));
  for (const directory of alsoCopied) {
    if (existsSync(join(workspace, directory))) addTree(join(workspace, directory));
  }
  add({
    kind: 'copy',
    path: join(program, 'bin', 'node'),
    mode: 0o755,
    source: realpathSync(process.execPath),
  });
  return withDirectories([...items.values()], program);
}

/** Where Node would find a package, as a path that may be a link; null when it would not. */
function findPackage(name: string, from: string): string | null {
  for (let directory = from; ; directory = dirname(directory)) {
    const path = join(directory, 'node_modules', name);
    if (existsSync(path)) return path;
    if (dirname(directory) === directory) return null;
  }
}

function modeOf(path: string): number {
  return (lstatSync(path).mode & 0o111) === 0 ? 0o644 : 0o755;
}

/** Each item after the directories that it is in, down from `top`. */
function withDirectories(items: Item[], top: string): Item[] {
  const directories = new Set<string>();
  for (const { path } of items) {
    for (let above = dirname(path); above.length >= top.length; above = dirname(above))
      directories.add(above);
  }
  const sorted = [...directories].toSorted();
  return [...sorted.map((path): Item => ({ kind: 'directory', path, mode: 0o755 })), ...items];
}
