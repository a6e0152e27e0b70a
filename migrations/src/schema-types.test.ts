import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../../shared/test/database.ts';

const run = promisify(execFile);
const database = await cloneDatabase();
afterAll(() => database.drop());

const committed = new URL('../../shared/src/db/schema.ts', import.meta.url);
const generator = fileURLToPath(new URL('../node_modules/.bin/kysely-codegen', import.meta.url));
const formatter = fileURLToPath(new URL('../../node_modules/.bin/oxfmt', import.meta.url));
const formatting = fileURLToPath(new URL('../../.oxfmtrc.json', import.meta.url));

test('the types of the tables are those of the database', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'runfleet-schema-'));
  try {
    const generated = join(directory, 'schema.ts');
    const flags = ['--dialect', 'postgres', '--camel-case', '--exclude-pattern', 'kysely_*'];
    await run(generator, [...flags, '--url', database.url, '--out-file', generated]);
    await run(formatter, ['--config', formatting, generated], { cwd: directory });
    expect(
      await readFile(committed, 'utf8'),
      'shared/src/db/schema.ts is not what the migrations make: run `pnpm --filter @runfleet/migrations schema` against a migrated database (DATABASE_URL), then format',
    ).toBe(await readFile(generated, 'utf8'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
