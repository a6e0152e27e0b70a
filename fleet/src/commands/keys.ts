import { insertApiKey } from '@runfleet/shared/db/insert-api-key.ts';
import { listApiKeys } from '@runfleet/shared/db/list-api-keys.ts';
import { revokeApiKey } from '@runfleet/shared/db/revoke-api-key.ts';
import { formatApiKey, hashSecret, makeApiKey } from '@runfleet/shared/model/api-key.ts';
import type { Database } from '@runfleet/shared/db/database.ts';
import { Command, Option } from 'commander';
import { reachDatabase } from '../first-contact.ts';
import { createLogger } from '../log.ts';
import { openDatabase } from '../open-database.ts';
import { StartError } from '../start-error.ts';
import { databaseUrlOption, matching } from './options.ts';

const name = matching(/^[^\p{Cc}]{1,100}$/u, '1 to 100 printable characters');

async function withDatabase(databaseUrl: string, use: (db: Database) => Promise<void>): Promise<void> {
  const db = openDatabase(databaseUrl, 'runfleet keys', createLogger('keys', 'silent'));
  try {
    await reachDatabase(db);
    await use(db);
  } finally {
    await db.destroy();
  }
}

export const keysCommand = new Command('keys').description('make, list and revoke API keys');

keysCommand
  .command('create')
  .description('make a key and print it; it is shown this once, only its hash is stored')
  .addOption(new Option('--tenant <tenant>', 'whose tasks it can see').makeOptionMandatory().argParser(name))
  .addOption(new Option('--name <name>', 'what it is for').makeOptionMandatory().argParser(name))
  .addOption(databaseUrlOption())
  .action(async (options: { tenant: string; name: string; databaseUrl: string }) => {
    const key = makeApiKey();
    await withDatabase(options.databaseUrl, async (db) => {
      const secretHash = await hashSecret(key.secret);
      await insertApiKey(db, { id: key.id, tenantId: options.tenant, name: options.name, secretHash });
    });
    console.log(formatApiKey(key));
  });

keysCommand
  .command('list')
  .description('list the keys, newest first')
  .option('--json', 'as JSON')
  .addOption(databaseUrlOption())
  .action(async (options: { json?: true; databaseUrl: string }) => {
    await withDatabase(options.databaseUrl, async (db) => {
      const keys = await listApiKeys(db);
      if (options.json) return console.log(JSON.stringify(keys, null, 2));
      for (const key of keys) {
        const state = key.revokedAt === null ? 'valid' : `revoked ${key.revokedAt.toISOString()}`;
        console.log([key.id, key.tenantId, key.name, key.createdAt.toISOString(), state].join('\t'));
      }
    });
  });

keysCommand
  .command('revoke')
  .description('revoke a key for good; it may still work for up to 30 seconds')
  .argument('<id>', 'its id: the 16 digits after "rf_"', matching(/^[0-9a-f]{16}$/, '16 hexadecimal digits'))
  .addOption(databaseUrlOption())
  .action(async (id: string, options: { databaseUrl: string }) => {
    await withDatabase(options.databaseUrl, async (db) => {
      if (!(await revokeApiKey(db, id))) throw new StartError(`there is no key ${id}`);
    });
    console.log(`revoked ${id}`);
  });
