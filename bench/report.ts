import type { RedisCommands } from './count-redis-commands.ts';
import type { Requests } from './count-requests.ts';
import type { Latency } from './latency.ts';
import type { Machine, Versions } from './machine.ts';
import type { Throughput } from './measure-throughput.ts';
import type { MemoryOfPart } from './sample-memory.ts';

/** What one run came to; the JSON that is written, and what the table is printed from. */
export interface Report {
  /** When it began, ISO 8601. */
  at: string;
  quick: boolean;
  machine: Machine;
  versions: Versions;
  latency: { idle: Latency; underLoad: Latency };
  throughput: Throughput;
  requests: Requests;
  /** Commands a minute that an idle worker and an idle recorder send to Redis. */
  atRest: RedisCommands['sent'];
  memory: MemoryOfPart[];
}
