import { sql } from 'kysely';
import type { Database } from '@runfleet/shared/db/database.ts';

/** What each kind of thing in the schema `public` is defined as, by its name. Kysely's own tables are left out. */
export type Schema = Record<string, Record<string, string>>;

// A column's place is among those that there are: Postgres counts those that were dropped, and never anew.
const catalogues = {
  tables: `
    select relname as name, relkind::text || ' ' || relpersistence::text as definition from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S', 'f')`,
  columns: `
    select relname || '.' || attname as name,
      concat_ws(' ', row_number() over (partition by attrelid order by attnum), format_type(atttypid, atttypmod), case when attnotnull then 'not null' end,
        'default ' || pg_get_expr(adbin, adrelid), nullif(attidentity, ''), nullif(attgenerated, '')) as definition
    from pg_attribute join pg_class c on c.oid = attrelid left join pg_attrdef d on adrelid = attrelid and adnum = attnum
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f') and attnum > 0
      and not attisdropped`,
  constraints: `
    select conrelid::regclass || '.' || conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
    where connamespace = 'public'::regnamespace`,
  indexes: `select indexname as name, indexdef as definition from pg_indexes where schemaname = 'public'`,
  triggers: `
    select tgrelid::regclass || '.' || tgname as name, pg_get_triggerdef(oid) as definition from pg_trigger
    where not tgisinternal`,
  functions: `
    select proname as name, pg_get_functiondef(oid) as definition from pg_proc
    where pronamespace = 'public'::regnamespace and prokind <> 'a'`,
  enums: `
    select typname as name, string_agg(enumlabel, ' ' order by enumsortorder) as definition
    from pg_enum join pg_type t on t.oid = enumtypid
    where typnamespace = 'public'::regnamespace
    group by 1`,
} as const;

export async function readSchema(db: Database): Promise<Schema> {
  const schema: Schema = {};
  for (const [kind, query] of Object.entries(catalogues)) {
    const { rows } = await sql<{ name: string; definition: string }>`
      select * from (${sql.raw(query)}) q where name not like 'kysely%' order by name`.execute(db);
    schema[kind] = Object.fromEntries(rows.map(({ name, definition }) => [name, definition]));
  }
  return schema;
}

/** The schema of a database that nothing of ours is in. */
export const nothing: Schema = Object.fromEntries(Object.keys(catalogues).map((kind) => [kind, {}]));
