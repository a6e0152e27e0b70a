import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { Refusal } from '../refusal.ts';
import { paramText } from './param-text.ts';

export interface SqlStatement {
  text: string;
  /** Values in Postgres' text form. */
  values: (string | null)[];
  /** Rows as arrays, or as objects by column name. */
  arrayMode: boolean;
}

export interface SqlRequest {
  statements: SqlStatement[];
  /** Of a batch, the statement that begins its transaction; undefined for a statement alone. */
  begin: string | undefined;
  /** Cells as Postgres' text, or as JSON values of the types that JSON has. */
  rawText: boolean;
}

// The wire protocol counts parameters in 16 bits; one more would wrap around.
const maxParams = 65_535;

const query = z.object({
  query: z.string(),
  params: z.array(z.json()).max(maxParams).default([]),
  arrayMode: z.boolean().nullish(),
});
const payload = z.union([z.object({ queries: z.array(query) }), query]);

const isolationLevels = new Map([
  ['ReadUncommitted', 'read uncommitted'],
  ['ReadCommitted', 'read committed'],
  ['RepeatableRead', 'repeatable read'],
  ['Serializable', 'serializable'],
]);

/** A body of `{query, params}` or `{queries: […]}` and Neon's headers → what to run. A header counts as set only when it is `true`. */
export function parseSqlRequest(headers: IncomingHttpHeaders, json: unknown): SqlRequest {
  const parsed = payload.safeParse(json);
  if (!parsed.success)
    throw new Refusal(
      400,
      'The request body is neither {query, params} nor {queries: [{query, params}, …]}',
      '22023',
    );
  const arrayMode = headers['neon-array-mode'] === 'true';
  const toStatement = (data: z.infer<typeof query>): SqlStatement => ({
    text: withoutNul(data.query),
    values: data.params.map(paramText),
    arrayMode: data.arrayMode ?? arrayMode,
  });
  const batch = 'queries' in parsed.data;
  return {
    statements: 'queries' in parsed.data ? parsed.data.queries.map(toStatement) : [toStatement(parsed.data)],
    begin: batch ? beginStatement(headers) : undefined,
    rawText: headers['neon-raw-text-output'] === 'true',
  };
}

function beginStatement(headers: IncomingHttpHeaders): string {
  const modes: string[] = [];
  const level = headers['neon-batch-isolation-level'];
  if (level !== undefined) {
    const words = isolationLevels.get(String(level));
    if (words === undefined) throw new Refusal(400, 'invalid isolation level', '22023');
    modes.push(`isolation level ${words}`);
  }
  if (headers['neon-batch-read-only'] === 'true') modes.push('read only');
  if (headers['neon-batch-deferrable'] === 'true') modes.push('deferrable');
  return `begin ${modes.join(', ')}`;
}

/** In the wire protocol NUL ends the text, and what follows would be read as something else. */
function withoutNul(text: string): string {
  if (text.includes('\0')) throw new Refusal(400, 'The query holds a NUL character', '22021');
  return text;
}
