/** What the reconciler knows of one worker that has not stopped; ages by Postgres' clock. */
export interface WorkerSighting {
  id: string;
  /** The process that registered under this id last. */
  instance: string;
  status: 'live' | 'lost';
  /** Since it was first missed without being given up; null when it is not under suspicion. */
  suspectedForMs: number | null;
  /** Since it registered: a worker is in Postgres a moment before its first beat is in Redis. */
  registeredForMs: number;
  /** The instance that its heartbeat names; null when there is no heartbeat. */
  beatInstance: string | null;
}

export interface LivenessConfig {
  /** How long a suspect is given before it is lost after all. */
  secondLookMs: number;
  /** A worker younger than this is not missed. */
  settleMs: number;
}

/** `suspect` is held for a second look; `unchanged` means that there is nothing to note. */
export type LivenessVerdict = 'alive' | 'suspect' | 'lost' | 'unchanged';

export interface JudgedWorker {
  id: string;
  instance: string;
  verdict: LivenessVerdict;
}

/**
 * Decides which workers are gone. One that misses its beat is lost at once, unless the fault may be ours: when Redis
 * has just been wiped, or more than half of the fleet vanishes together, each is only suspected, and lost when it is
 * still missing after `secondLookMs`. That keeps a Redis restart from re-running everything that runs.
 */
export function judgeWorkers(
  sightings: readonly WorkerSighting[],
  redisIsNew: boolean,
  config: LivenessConfig,
): JudgedWorker[] {
  const expected = sightings.filter((worker) => worker.status === 'live');
  const missing = expected.filter((worker) => !isBeating(worker));
  const doubtful = redisIsNew || (missing.length > 1 && missing.length * 2 > expected.length);

  return sightings.map((worker) => ({
    id: worker.id,
    instance: worker.instance,
    verdict: isBeating(worker) ? 'alive' : judgeMissing(worker, doubtful, config),
  }));
}

function isBeating(worker: WorkerSighting): boolean {
  return worker.beatInstance === worker.instance;
}

function judgeMissing(worker: WorkerSighting, doubtful: boolean, config: LivenessConfig): LivenessVerdict {
  if (worker.status === 'lost' || worker.registeredForMs < config.settleMs) return 'unchanged';
  if (worker.suspectedForMs === null) return doubtful ? 'suspect' : 'lost';
  return worker.suspectedForMs >= config.secondLookMs ? 'lost' : 'unchanged';
}
