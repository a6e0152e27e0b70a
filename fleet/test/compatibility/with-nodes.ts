// Runs the compatibility suite with the children on other Nodes than the fleet's own, each fetched by npm into its cache
// when it is not there. They are no dependencies, because each is more than 100 MB that `npm start` has no use for.
//
//   node local/bootstrap.mjs fleet/test/compatibility/with-nodes.ts [VERSION…] [TEST FILE…]
//
// All of it takes half a minute a Node; `isolation.test.ts` alone, which tries the walls, ten seconds.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const versions = ['22', '24', '26'];

const given = process.argv.slice(2);
const wanted = given.filter((word) => /^\d+(\.\d+)*$/.test(word));
const files = given.filter((word) => !wanted.includes(word));
const root = join(import.meta.dirname, '../../..');
let failed = false;

for (const version of wanted.length === 0 ? versions : wanted) {
  const nodePath = fetchNode(version);
  console.log(`\nNode ${version}: ${nodePath}`);
  const tests = (files.length === 0 ? [''] : files).map((file) => join(import.meta.dirname, file));
  const { status } = spawnSync('vitest', ['run', '--project', 'fleet', ...tests], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, RUNFLEET_TEST_NODE: nodePath },
  });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;

function fetchNode(version: string): string {
  const print = 'node --print process.execPath';
  const { status, stdout, stderr } = spawnSync(
    'npx',
    ['--yes', '--package', `node@${version}`, '--call', print],
    {
      // Not in the workspace, whose own Node would be found first.
      cwd: '/',
      encoding: 'utf8',
    },
  );
  const path = stdout.trim().split('\n').at(-1) ?? '';
  if (status !== 0 || path === '') throw new Error(`Node ${version} could not be fetched: ${stderr}`);
  return path;
}
