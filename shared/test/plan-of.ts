import type { TestDatabase } from './database.ts';

export interface Plan {
  indexes: string[];
  /** The tables that it reads from end to end. */
  wholeTables: string[];
}

/** How Postgres carries out the one statement that `act` sends. */
export async function planOf({ db, statements }: TestDatabase, act: () => Promise<unknown>): Promise<Plan> {
  statements.length = 0;
  await act();
  const [statement, ...others] = statements;
  if (statement === undefined || others.length > 0) throw new Error('not one statement');
  const { rows } = await db.executeQuery<{ 'QUERY PLAN': unknown }>({
    ...statement,
    sql: `explain (format json) ${statement.sql}`,
  });
  const indexes = new Set<string>();
  const wholeTables = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('Index Name' in node) indexes.add(String(node['Index Name']));
    if ('Node Type' in node && String(node['Node Type']).endsWith('Seq Scan') && 'Relation Name' in node) {
      wholeTables.add(String(node['Relation Name']));
    }
    for (const value of Object.values(node)) visit(value);
  };
  visit(rows);
  return { indexes: [...indexes], wholeTables: [...wholeTables] };
}
