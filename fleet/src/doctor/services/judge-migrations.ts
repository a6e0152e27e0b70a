import { knownMigrations } from '@runfleet/shared/db/known-migrations.ts';
import { failed, ok, warning, type Finding } from '../finding.ts';

/** @param applied names; null in a database that was never migrated */
export function judgeMigrations(applied: readonly string[] | null): Finding {
  const item = 'postgres.migrations';
  const remedy = 'npm run migrate, with the DATABASE_URL of this database';
  if (applied === null) return failed(item, 'none applied', 'the tables are missing', remedy);
  const missing = knownMigrations.filter((name) => !applied.includes(name));
  if (missing.length > 0) {
    const means = 'this version needs tables or columns that are not there yet';
    return failed(item, `missing: ${missing.join(', ')}`, means, remedy);
  }
  const ahead = applied.filter((name) => !knownMigrations.includes(name));
  if (ahead.length > 0) {
    const means = 'the database was migrated by a newer version, which this one can still work with';
    return warning(item, `unknown to this version: ${ahead.join(', ')}`, means, 'upgrade this host');
  }
  return ok(item, `all ${applied.length} applied`, 'the tables are those of this version');
}
