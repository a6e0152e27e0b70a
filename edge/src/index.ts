import { app } from './app.ts';
import { readSettings, type Bindings } from './bindings.ts';
import { describeError, log } from './log.ts';
import { openDatabase } from './open-database.ts';
import { openRedis } from './open-redis.ts';
import { reconcile } from './reconcile/reconcile.ts';

export default {
  fetch: app.fetch,

  /** The cron: one reconcile, and its summary as one line. */
  async scheduled(_controller: unknown, bindings: Bindings): Promise<void> {
    const startedAtMs = Date.now();
    try {
      const settings = readSettings(bindings);
      const summary = await reconcile(openDatabase(settings), openRedis(settings), settings);
      const level = summary.errors.length > 0 ? 'error' : 'info';
      log(level, 'reconciled', { durationMs: Date.now() - startedAtMs, ...summary });
    } catch (error) {
      log('error', 'reconcile_failed', { error: describeError(error) });
      throw error;
    }
  },
};
