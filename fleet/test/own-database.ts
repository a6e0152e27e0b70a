import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { databaseUrl } from './services.ts';

export interface OwnDatabase {
  name: string;
  url: string;
  /** A session in the database `postgres`, for looking in from outside. */
  outside: pg.Client;
  /** Fails when a session is left in it. */
  drop(): Promise<void>;
}

/** An empty database of one's own: the shared one is a template, and nobody can clone it while somebody is connected. */
export async function createOwnDatabase(): Promise<OwnDatabase> {
  const name = `own_${randomUUID().replaceAll('-', '')}`;
  const outside = new pg.Client({ connectionString: urlOf('postgres') });
  await outside.connect();
  await outside.query(`create database ${name}`);
  const drop = async () => {
    try {
      await outside.query(`drop database ${name}`);
    } finally {
      await outside.end();
    }
  };
  return { name, url: urlOf(name), outside, drop };
}

function urlOf(database: string): string {
  const url = new URL(databaseUrl());
  url.pathname = `/${database}`;
  return url.href;
}
