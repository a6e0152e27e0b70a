import { failed, ok, type Finding } from '../finding.ts';

const leastMajor = 15;

/** @param version as in `server_version`, such as `18.4 (Debian 18.4-1)` */
export function judgePostgres(place: string, version: string): Finding {
  const item = 'postgres.version';
  const found = `PostgreSQL ${version} at ${place}`;
  if (Number.parseInt(version, 10) >= leastMajor) return ok(item, found, 'it answers, and is new enough');
  return failed(
    item,
    found,
    `PostgreSQL ${leastMajor} or newer is needed`,
    `upgrade the server to ${leastMajor} or newer (pg_upgrade)`,
  );
}
