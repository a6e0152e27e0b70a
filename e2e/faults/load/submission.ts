import type { Random } from '../random.ts';
import { taskTimeoutSeconds, timings } from '../timings.ts';
import { kinds, programOf, type Kind, type Shares } from './programs.ts';

/** One task as a client sends it. */
export interface Submission {
  /** Its Idempotency-Key, and its prompt, so that a row says whose it is. */
  key: string;
  kind: Kind;
  /** When it is sent, since the load began. */
  atMs: number;
  /** When the same is sent once more, after the first time; null for never. */
  repeatAfterMs: number | null;
  body: string;
}

export interface LoadPlan {
  prefix: string;
  perSecond: number;
  forMs: number;
  shares: Shares;
  ledgerFile: string;
}

/** Of a hundred. */
const repeated = 15;

/**
 * What a load sends, and when. It depends on nothing but the stream of random numbers, and it does not wait for answers.
 * Shares are dealt out of packs of a hundred, so that a rare kind is in a short load too, as often as it should be.
 */
export function planLoad(random: Random, plan: LoadPlan): Submission[] {
  const submissions: Submission[] = [];
  const dealt = deal(random.stream('kinds'), plan.shares);
  const stepMs = 1_000 / plan.perSecond;
  for (let index = 0; (index + 1) * stepMs <= plan.forMs; index += 1) {
    const kind = dealt.next().value;
    const key = `${kind}-${plan.prefix}-${String(index).padStart(5, '0')}`;
    const lastsMs = duration(kind, random);
    submissions.push({
      key,
      kind,
      atMs: index * stepMs + random.between(0, stepMs),
      repeatAfterMs: random.next() * 100 < repeated ? random.pick([0, 5, 50, 500, 2_500]) : null,
      body: JSON.stringify({
        code: programOf(kind, key, lastsMs, plan.ledgerFile),
        prompt: key,
        timeout: taskTimeoutSeconds,
        // Bad luck must not end a task: only poison, by its crashes, and that has a limit of its own.
        maxAttempts: 10,
      }),
    });
  }
  return submissions;
}

function* deal(random: Random, shares: Shares): Generator<Kind, never> {
  for (;;) {
    const pack = kinds.flatMap((kind) =>
      kind === 'quick' ? [] : Array.from({ length: shares[kind] }, () => kind),
    );
    const quick = Array.from({ length: 100 - pack.length }, () => 'quick' as const);
    yield* random.shuffled([...pack, ...quick]);
  }
}

function duration(kind: Kind, random: Random): number {
  switch (kind) {
    case 'slow':
      return random.between(300, 2_000);
    case 'long':
      // Its lock must be renewed twice or more.
      return timings.leaseMs * random.between(1.2, 1.6);
    case 'poison':
      return taskTimeoutSeconds * 800;
    default:
      return 0;
  }
}
