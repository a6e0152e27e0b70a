import type { Settings } from './bindings.ts';

/** What an isolate saw of the whole system's backlog when it last looked. */
interface BacklogSight {
  lookedAtMs: number;
  full: boolean;
}

/**
 * An isolate has Postgres count what is unfinished in the whole system no more often than this, full or not: counting a
 * hundred thousand takes milliseconds that a full system has none of.
 */
export const lookEveryMs = 1_000;

/** What one isolate knows of the whole system's backlog; where it knows nothing recent, its next submission looks. */
export class SystemBacklog {
  readonly #limit: number;
  #sight: BacklogSight | null = null;

  /** @param limit how many may be unfinished */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * What a submission is held against: the limit, when it is to look; 0, when there was no room a moment ago; null, when
   * there was. Whoever comes while it looks goes by what was seen before.
   */
  limitAt(nowMs: number): number | null {
    const { full, lookedAtMs } = this.#sight ?? { full: false, lookedAtMs: -Infinity };
    if (nowMs - lookedAtMs < lookEveryMs) return full ? 0 : null;
    this.#sight = { full, lookedAtMs: nowMs };
    return this.#limit;
  }

  /** Notes what the submission that looked has seen. */
  note(full: boolean, nowMs: number): void {
    this.#sight = { full, lookedAtMs: nowMs };
  }
}

const backlogs = new WeakMap<Settings, SystemBacklog>();

/** That of this isolate. */
export function systemBacklogOf(settings: Settings): SystemBacklog {
  let backlog = backlogs.get(settings);
  if (backlog === undefined) backlogs.set(settings, (backlog = new SystemBacklog(settings.maxUnfinished)));
  return backlog;
}
