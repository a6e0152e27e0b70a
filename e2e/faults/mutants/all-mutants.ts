import type { Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [
  {
    name: 'no-fence',
    without: 'the fence of what is recorded',
    replacements: [
      {
        file: 'shared/src/db/record-outcomes.ts',
        text: 'from reported r join tasks t using (id, attempt, delivery)',
        by: 'from reported r join tasks t using (id)',
      },
      {
        file: 'shared/src/db/give-back-attempts.ts',
        text: 'where t.id = r.id and t.attempt = r.attempt and t.delivery = r.delivery and',
        by: 'where t.id = r.id and',
      },
    ],
    faults: ['pause-worker', 'cut-off-worker'],
    shares: { long: 12, poison: 0 },
  },
  {
    name: 'acknowledge-before-commit',
    without: 'the commit before the acknowledgement',
    replacements: [
      {
        file: 'fleet/src/recorder/run-recorder.ts',
        text: 'const verdict = await record(result).catch(',
        by: `const verdict = await Promise.race([record(result), 'recorded']).catch(`,
      },
    ],
    faults: ['kill-recorder-before-commit'],
  },
  {
    name: 'no-skip-locked',
    without: 'skip locked in the sweeps',
    replacements: [
      { file: 'shared/src/db/take-due-dispatches.ts', text: 'for update skip locked', by: 'for update' },
      { file: 'shared/src/db/lose-attempts.ts', text: 'for update skip locked', by: 'for update' },
    ],
    faults: ['four-crons'],
  },
  {
    name: 'no-outbox-sweep',
    without: 'the sweep that dispatches what is due',
    replacements: [
      {
        file: 'edge/src/reconcile/reconcile.ts',
        text: `(await attempt('dispatch-due', () => dispatchDue(db, redis, timings, dispatchLimit))) ?? 0`,
        by: '0',
      },
    ],
    faults: ['kill-edge-before-enqueue'],
  },
  {
    name: 'no-lease-check',
    without: 'the lease: a worker goes on though it cannot renew its locks',
    replacements: [
      {
        file: 'fleet/src/worker/lease.ts',
        text: `      case 'lost':
        lease.lost.abort();`,
        by: `      case 'lost':`,
      },
    ],
    faults: ['cut-off-worker'],
    shares: { long: 12, poison: 0 },
  },
];
