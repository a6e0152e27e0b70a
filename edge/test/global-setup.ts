import { createRequire } from 'node:module';
import type { TestProject } from 'vitest/node';

type Setup = (project: TestProject) => Promise<() => Promise<void>>;

// By Node itself: this project's own loader resolves packages for workerd, where none of these services run.
const load = createRequire(import.meta.url) as (module: string) => { default: Setup };
const services = load('../../local/src/testing/services.ts');
const own = load('./own-services.ts');

/** What every test run shares, and what the edge's tests need besides. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stopServices = await services.default(project);
  const stopOwn = await own.default(project);
  return async () => {
    await stopOwn();
    await stopServices();
  };
}
