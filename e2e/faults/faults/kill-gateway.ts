import { until } from '../until.ts';
import type { Fault } from './fault.ts';

/** kill -9 of one of the two gateways, with what the edge has asked of it. */
export const killGateway: Fault = {
  name: 'kill-gateway',
  async run(system, random, signal) {
    const { slot } = random.pick([system.sqlGateway, system.redisGateway]);
    await slot.kill();
    await until(
      'both gateways answer',
      30_000,
      async () => (await fetch(`${system.apiUrl}/ready`)).ok,
      signal,
    );
    return { mayCost: 'none', note: slot.name };
  },
};
