import { join } from 'node:path';
import { startPart } from '@runfleet/local/part.ts';
import type { Reaper } from '@runfleet/local/reaper.ts';
import { Link } from './link.ts';
import { Slot } from './slot.ts';

/** A process of the fleet, and its own two ways to the services. */
export interface Member {
  slot: Slot;
  redis: Link;
  postgres: Link;
}

/** What all processes of the fleet have in common. */
export interface Surroundings {
  /** The source tree that is tested. */
  programRoot: string;
  redisUrl: string;
  postgresUrl: string;
  /** Variables of every process. */
  env: Record<string, string>;
  logDir: string;
  reaper: Reaper;
  links: Map<string, Link>;
}

/** Makes a place for a process of the fleet; it is still to be filled. */
export async function createMember(
  name: string,
  command: readonly string[],
  { programRoot, redisUrl, postgresUrl, env, logDir, reaper, links }: Surroundings,
): Promise<Member> {
  const redis = await openLink(links, `${name}–redis`, redisUrl);
  const postgres = await openLink(links, `${name}–postgres`, postgresUrl);
  const launch = (nodeFlags: readonly string[]) =>
    startPart(
      {
        name,
        command: process.execPath,
        args: [
          '--disable-warning=ExperimentalWarning',
          ...nodeFlags,
          join(programRoot, 'fleet/src/main.ts'),
          ...command,
        ],
        env: {
          ...env,
          REDIS_URL: redis.via(redisUrl),
          // A name of its own in Postgres' list of sessions, so that a fault can tell who wrote what.
          DATABASE_URL: `${postgres.via(postgresUrl)}?application_name=${name}`,
        },
        logFile: join(logDir, `${name}.log`),
        stopTimeoutMs: 20_000,
      },
      reaper,
    );
  return { slot: new Slot(name, launch), redis, postgres };
}

/** A link to where the URL leads, kept by its name. */
export async function openLink(links: Map<string, Link>, name: string, url: string): Promise<Link> {
  const { hostname, port } = new URL(url);
  const link = await new Link(name, { host: hostname, port: Number(port) }).listen();
  links.set(name, link);
  return link;
}
