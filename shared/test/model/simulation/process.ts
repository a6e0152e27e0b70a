import type { World } from './world.ts';

/** No answer came: whether the request was carried out is unknown. */
class Unreachable extends Error {}

type Server = 'postgres' | 'redis';

/**
 * A process of ours.
 *
 *   up ──pause──▶ paused ──resume──▶ up        up | paused ──kill──▶ dead
 *
 * A request that is on its way is carried out whatever becomes of its sender; only the answer waits for a paused one,
 * and reaches no dead one.
 */
export class Process {
  state: 'up' | 'paused' | 'dead' = 'up';
  readonly name: string;
  readonly world: World;
  readonly cutOffFrom = new Set<Server>();
  /** The next answer does not arrive, though what was asked is done. */
  losesAnswer = false;
  #onResume: (() => void)[] = [];

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    world.processes.push(this);
  }

  pause(): void {
    if (this.state === 'up') this.state = 'paused';
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'up';
    for (const goOn of this.#onResume.splice(0)) goOn();
  }

  kill(): void {
    this.state = 'dead';
    this.#onResume = [];
  }

  /** @throws Unreachable */
  async ask<T>(server: Server, what: string, act: () => T): Promise<T> {
    let answer: T;
    try {
      answer = await this.world.step(`${this.name} ${what}`, () => {
        if (this.cutOffFrom.has(server)) throw new Unreachable();
        const done = act();
        if (this.losesAnswer) {
          this.losesAnswer = false;
          this.world.tell(`${this.name} gets no answer`);
          throw new Unreachable();
        }
        return done;
      });
    } catch (error) {
      await this.#awake();
      throw error;
    }
    await this.#awake();
    return answer;
  }

  /** Asks until it is answered, or until it is not worth it any more. */
  async insist<T>(server: Server, what: string, act: () => T, worthIt = () => true): Promise<T> {
    for (;;) {
      try {
        return await this.ask(server, what, act);
      } catch (error) {
        if (!(error instanceof Unreachable) || !worthIt()) throw error;
        await this.sleep(2_000);
      }
    }
  }

  async sleep(ms: number): Promise<void> {
    await this.world.at(this.world.nowMs + ms);
    await this.#awake();
  }

  /** Does something again and again; what fails is left to the next time. */
  async every(ms: number, act: () => Promise<void>): Promise<never> {
    for (;;) {
      await this.sleep(ms);
      await act().catch(ignoreUnreachable);
    }
  }

  async #awake(): Promise<void> {
    if (this.state === 'dead') await new Promise<never>(() => {});
    if (this.state === 'paused') await new Promise<void>((goOn) => void this.#onResume.push(goOn));
  }
}

export function ignoreUnreachable(error: unknown): void {
  if (!(error instanceof Unreachable)) throw error;
}
