import { readAlarms } from './history/alarms.ts';
import type { FaultSpan, History } from './history/history.ts';
import { readLedger } from './history/ledger.ts';
import { findLeftovers } from './history/leftovers.ts';
import { LockWatch } from './history/lock-watch.ts';
import { readAttempts, readTasks } from './history/read-rows.ts';
import { readTaskEvents } from './history/task-events.ts';
import type { Fault } from './faults/fault.ts';
import { Client } from './load/client.ts';
import { PoisonWatch } from './load/poison-watch.ts';
import type { Shares } from './load/programs.ts';
import { planLoad, type Submission } from './load/submission.ts';
import type { Random } from './random.ts';
import { runFaults } from './run-faults.ts';
import type { System } from './system/system.ts';
import { recoveryBoundMs } from './timings.ts';
import { mayCome, until } from './until.ts';

export interface CampaignPlan {
  random: Random;
  perSecond: number;
  shares: Shares;
  cleanMs: number;
  faultsMs: number;
  faults: readonly Fault[];
}

/**
 * clean (load, and nothing is broken) ──▶ faults (load, and one thing after the other is broken) ──▶ heal (nothing is
 * broken, and what is unfinished ends) ──▶ the history, for the checker
 */
export async function runCampaign(
  system: System,
  plan: CampaignPlan,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<History> {
  const client = new Client(system.apiUrl);
  const poison = new PoisonWatch(system);
  const lockWatch = new LockWatch(system.postgres);
  const sent: Submission[] = [];
  const send = async (prefix: string, forMs: number, shares: Shares) => {
    const { perSecond, random } = plan;
    const { ledgerFile } = system;
    const load = planLoad(random.stream(`load ${prefix}`), { prefix, perSecond, forMs, shares, ledgerFile });
    sent.push(...load);
    await client.send(load, signal);
  };
  try {
    lockWatch.start();
    system.cron.start();
    say(`clean: ${plan.cleanMs / 1000} s of load, and nothing is broken`);
    await send('clean', plan.cleanMs, { ...plan.shares, poison: 0 });
    await untilFinished(system, client, sent, recoveryBoundMs, signal);
    const cleanUntilMs = Date.now();

    say(`faults: ${plan.faultsMs / 1000} s of load, and one thing after the other is broken`);
    poison.start();
    const [faults] = await Promise.all([
      runFaults(
        system,
        { faults: plan.faults, random: plan.random.stream('faults'), forMs: plan.faultsMs, signal },
        say,
      ),
      send('faults', plan.faultsMs, plan.shares),
    ]);
    await system.heal();
    const healedAtMs = Date.now();

    say('heal: what is unfinished ends');
    const isFinished = await untilFinished(system, client, sent, 2 * recoveryBoundMs, signal);
    const endedAtMs = Date.now();
    say(
      isFinished
        ? `all had ended ${endedAtMs - healedAtMs} ms after the last fault and the last task`
        : `after ${endedAtMs - healedAtMs} ms there are still tasks that have not ended`,
    );
    await untilQuiet(system, signal);
    await client.stop();
    await poison.stop();
    await lockWatch.stop();
    await system.stopProgram();
    const spans: FaultSpan[] = faults;
    return {
      sent,
      answers: client.answers,
      tasks: await readTasks(system.postgres),
      attempts: await readAttempts(system.postgres),
      events: await readTaskEvents(system.postgres),
      executions: readLedger(system.ledgerFile),
      faults: spans,
      kills: poison.kills,
      lockWaits: lockWatch.waits,
      cleanUntilMs,
      healedAtMs,
      endedAtMs,
      leftovers: await findLeftovers(system),
      alarms: readAlarms(system.logDir),
    };
  } finally {
    await client.stop();
    await poison.stop();
    await lockWatch.stop();
  }
}

/** Waits until everything that was sent is acknowledged and has ended; false when that takes too long. */
async function untilFinished(
  { postgres }: System,
  client: Client,
  sent: readonly Submission[],
  withinMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const finished = await mayCome(
    withinMs,
    async () => {
      if (client.waiting > 0) return false;
      const [row] = await postgres.query<{ ended: number; unfinished: number }>(
        `select count(*) filter (where status in ('queued', 'running'))::int as unfinished, count(*)::int as ended
         from tasks`,
      );
      return row !== undefined && row.unfinished === 0 && row.ended >= sent.length;
    },
    signal,
  );
  return finished !== null;
}

/** Late outcomes may still be on their way when every task has ended: they, too, come to their end. */
async function untilQuiet({ redis: { redis } }: System, signal: AbortSignal): Promise<void> {
  await until(
    'the queues are empty',
    recoveryBoundMs,
    async () => {
      const lists = ['tasks-javascript', 'results'].flatMap((queue) =>
        ['wait', 'active', 'delayed'].map((list) => `runfleet:${queue}:${list}`),
      );
      const kept = await redis.exists(...lists);
      return kept === 0;
    },
    signal,
  ).catch((error: unknown) => {
    // The checker finds what is left, and says so.
    signal.throwIfAborted();
    return error;
  });
}
