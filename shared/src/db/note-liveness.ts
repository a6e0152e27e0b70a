import { sql } from 'kysely';
import type { JudgedWorker } from '../decide/worker-liveness.ts';
import type { Database } from './database.ts';

/** Writes down what was found of workers, but not of an id that another process has taken since. */
export async function noteLiveness(db: Database, judged: readonly JudgedWorker[]): Promise<void> {
  await sql`
    update workers w
    set
      status = case j.verdict when 'alive' then 'live' when 'lost' then 'lost' else w.status end,
      last_beat_at = case j.verdict when 'alive' then now() else w.last_beat_at end,
      suspected_at = case j.verdict when 'suspect' then now() else null end,
      ended_at = case j.verdict when 'alive' then null when 'lost' then now() else w.ended_at end
    from unnest(
      ${judged.map((j) => j.id)}::text[],
      ${judged.map((j) => j.instance)}::uuid[],
      ${judged.map((j) => j.verdict)}::text[]
    ) as j (id, instance, verdict)
    where w.id = j.id and w.instance = j.instance and w.status <> 'stopped' and j.verdict <> 'unchanged'`.execute(
    db,
  );
}
