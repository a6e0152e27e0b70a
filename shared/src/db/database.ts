import { CamelCasePlugin, type Kysely } from 'kysely';
import type { DB } from './schema.ts';

/** A connection to Runfleet's Postgres, whichever driver carries it. */
export type Database = Kysely<DB>;

/** The plugins that every `Database` must have: columns read in camelCase, JSON left as the task made it. */
export const databasePlugins = [new CamelCasePlugin({ maintainNestedObjectKeys: true })];
