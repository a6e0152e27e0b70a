import { CompiledQuery } from 'kysely';
import { inject } from 'vitest';
import type { Settings } from '../src/bindings.ts';
import { openDatabase } from '../src/open-database.ts';

export interface OwnDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A database of one's own with the migrations: a clone of the one that the test run has prepared. */
export async function createOwnDatabase(
  sqlEndpoint: string,
  name = `edge_${crypto.randomUUID().replaceAll('-', '')}`,
): Promise<OwnDatabase> {
  const template = new URL(inject('databaseUrl'));
  const url = new URL(template);
  url.pathname = name;
  const administer = async (statement: string) => {
    const admin = new URL(template);
    admin.pathname = 'postgres';
    const db = openDatabase({ databaseUrl: admin.href, sqlEndpoint } as Settings);
    await db.executeQuery(CompiledQuery.raw(statement));
  };

  await whileTemplateIsInUse(() =>
    administer(`create database ${name} template ${template.pathname.slice(1)}`),
  );
  // By force: the gateway keeps its connections for the next statement.
  return { url: url.href, drop: () => administer(`drop database ${name} with (force)`) };
}

/** Postgres clones a database only while nobody is connected to it. */
async function whileTemplateIsInUse(clone: () => Promise<void>): Promise<void> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await clone();
    } catch (error) {
      const inUse = error instanceof Error && 'code' in error && error.code === '55006';
      if (!inUse || attempts === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
