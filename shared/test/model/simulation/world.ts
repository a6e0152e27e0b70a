import type fc from 'fast-check';
import type { Rules } from '../rules.ts';
import type { Process } from './process.ts';
import { Postgres } from './postgres.ts';
import { Redis } from './redis.ts';

/** More steps than this at one moment are an endless loop. */
const stepsAtOnce = 3_000;

interface Alarm {
  atMs: number;
  ring: () => void;
}

/**
 * What the actors live in: a time of its own, a Postgres, a Redis, and a schedule. Everything that a process asks of
 * another is one step, and the schedule chooses which of the pending steps is next. Time stands still but for
 * `passTime`, so a step may be overtaken by any number of others, and by any time.
 */
export class World {
  nowMs = 0;
  readonly postgres: Postgres;
  readonly redis: Redis;
  readonly rules: Rules;
  /** Broken promises; empty in the end, if all is well. */
  readonly problems: string[] = [];
  /** All that ever were. */
  readonly processes: Process[] = [];
  readonly #story: string[] = [];
  readonly #schedule: fc.Scheduler;
  #alarms: Alarm[] = [];
  #stepsNow = 0;

  constructor(schedule: fc.Scheduler, rules: Rules) {
    this.#schedule = schedule;
    this.rules = rules;
    this.postgres = new Postgres(this);
    this.redis = new Redis(this);
  }

  /** Something happens, at some time. */
  async step<T>(label: string, act: () => T): Promise<T> {
    this.#stepsNow += 1;
    if (this.#stepsNow === stepsAtOnce) this.breaks('it goes round in circles');
    if (this.#stepsNow >= stepsAtOnce) await new Promise<never>(() => {});
    await this.#schedule.schedule(Promise.resolve(), label);
    this.tell(label);
    return act();
  }

  /** What comes after the first problem explains nothing. */
  tell(event: string): void {
    if (this.problems.length > 0) return;
    this.#story.push(`${(this.nowMs / 1000).toFixed(1).padStart(6)} s  ${event}`);
  }

  breaks(promise: string): void {
    this.tell(`PROBLEM: ${promise}`);
    this.problems.push(promise);
  }

  /** Waits for a time; the schedule has no say in it. */
  at(atMs: number): Promise<void> {
    return new Promise((ring) => void this.#alarms.push({ atMs, ring }));
  }

  /** On to the next moment that somebody waits for. */
  passTime(): void {
    const nextMs = this.#alarms.reduce((least, { atMs }) => Math.min(least, atMs), Infinity);
    if (nextMs === Infinity) return;
    this.nowMs = Math.max(this.nowMs, nextMs);
    this.#stepsNow = 0;
    const due = this.#alarms.filter(({ atMs }) => atMs <= this.nowMs);
    this.#alarms = this.#alarms.filter(({ atMs }) => atMs > this.nowMs);
    for (const { ring } of due) ring();
  }

  /** Until nothing can happen before time passes. */
  settle(): Promise<void> {
    return this.#schedule.waitIdle();
  }

  /** Lets steps and time come in any order until then. */
  async interleave(until: Promise<unknown>): Promise<void> {
    const phase = { isOver: false };
    const ended = until.then(() => (phase.isOver = true));
    const time = async () => {
      while (!phase.isOver) {
        await this.#schedule.schedule(Promise.resolve(), 'time passes');
        if (!phase.isOver) this.passTime();
      }
    };
    void time();
    await this.#schedule.waitFor(ended);
  }

  story(): string {
    return this.#story.join('\n');
  }
}
