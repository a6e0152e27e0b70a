import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Link } from '../system/link.ts';
import type { System } from '../system/system.ts';
import { timings } from '../timings.ts';
import type { Damage, Fault } from './fault.ts';

/** A fault of one link, for a while; each time of another one. */
function linkFault(name: string, mostMs: number, breakIt: (link: Link, random: Random) => string): Fault {
  // Every link has its turn before one has its second, and the first turn depends on the seed.
  let order: string[] = [];
  return {
    name,
    async run(system, random, signal) {
      if (order.length === 0) order = random.shuffled([...system.links.keys()]);
      const link = system.links.get(order.pop() ?? '');
      if (link === undefined) throw new Error('there is no link');
      const forMs = random.between(500, mostMs);
      const how = breakIt(link, random);
      try {
        await delay(forMs, undefined, { signal });
      } finally {
        link.heal();
      }
      return damage(system, link, `${link.name}${how} for ${Math.round(forMs)} ms`);
    },
  };
}

/** A worker's own link may cost that worker's attempts; a recorder's, the edge's or a gateway's costs none. */
function damage({ workers }: System, link: Link, note: string): Damage {
  const worker = workers.find(({ redis, postgres }) => redis === link || postgres === link);
  return { mayCost: worker === undefined ? 'none' : [worker.slot.name], note };
}

/** The faults of links. Each campaign has its own, since they remember whose turn it is. */
export function linkFaults(): Fault[] {
  const longMs = 2 * timings.leaseMs;
  return [
    linkFault('cut-link', longMs, (link) => {
      link.cut();
      return '';
    }),
    linkFault('slow-link', 4_000, (link, random) => {
      const ms = Math.round(random.between(20, 200));
      link.slow(ms);
      return ` by ${ms} ms`;
    }),
    linkFault('stall-link', longMs, (link) => {
      link.stall('requests', 'answers');
      return '';
    }),
    linkFault('one-way-link', longMs, (link, random) => {
      const direction = random.pick(['requests', 'answers'] as const);
      link.stall(direction);
      return `, no ${direction}`;
    }),
    linkFault('drop-answers', 2_000, (link) => {
      link.dropAnswers();
      return '';
    }),
    linkFault('forget-connections', 1_000, (link) => {
      link.forget();
      return '';
    }),
  ];
}
