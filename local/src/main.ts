import { fileURLToPath } from 'node:url';
import { wholeNumber } from '@runfleet/fleet/commands/options.ts';
import { localPorts } from '@runfleet/shared/model/local-stack.ts';
import { isolationLevels, type IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import { Command, Option } from 'commander';
import type { StackPorts } from './ports.ts';
import { screen } from './screen.ts';
import { startStack, type Stack } from './stack.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface LocalOptions {
  workers: number;
  port: number;
  fresh: boolean;
  databaseUrl?: string;
  isolation?: IsolationLevel;
}

const program = new Command('npm start --')
  .description(
    'Runs the whole of Runfleet on this machine: Postgres, Redis, gateway, edge, recorder, workers and cron.',
  )
  .addOption(new Option('--workers <n>', 'workers to start').default(2).argParser(wholeNumber(0, 50)))
  .addOption(
    new Option(
      '--port <port>',
      'port of the edge; the gateway, Postgres and Redis listen 10, 11 and 12 above it',
    )
      .default(localPorts.edge)
      .argParser(wholeNumber(1, 65523)),
  )
  .option('--fresh', 'begin with no data', false)
  .option('--database-url <url>', "a Postgres to use in place of one of the stack's own; it is migrated")
  .addOption(
    new Option(
      '--isolation <level>',
      'what the workers put around each task; without it, the sandbox where this machine can',
    )
      .env('RUNFLEET_ISOLATION')
      .choices(isolationLevels),
  )
  .addHelpText(
    'after',
    `
Data is kept in .runfleet/ between starts. REDIS_URL names a Redis to use in place of one of the stack's own. RUNFLEET_TIMINGS
reaches the edge too.
Ctrl-C stops everything in order.`,
  )
  .action(run);

async function run({ workers, port, fresh, databaseUrl, isolation }: LocalOptions): Promise<void> {
  const told = Promise.withResolvers<'stop'>();
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      signals += 1;
      // Out of patience: the reaper ends what is left.
      if (signals > 1) process.exit(1);
      told.resolve('stop');
    });
  }

  const ports: StackPorts = { edge: port, gateway: port + 10, postgres: port + 11, redis: port + 12 };
  const starting = startStack(
    {
      ports,
      dataDir: `${root}.runfleet`,
      fresh,
      workers,
      isolation: isolation ?? null,
      databaseUrl: databaseUrl ?? null,
      redisUrl: process.env['REDIS_URL'] || null,
      tickMs: 5_000,
      timings: process.env['RUNFLEET_TIMINGS'] || '{}',
      durable: true,
    },
    (line) => console.log(line),
  );
  let stack: Stack;
  try {
    stack = await starting;
  } catch (error) {
    console.error(`runfleet: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
    return;
  }
  console.log(screen(stack, ports));

  const ended = await Promise.race([told.promise, stack.failed]);
  if (ended === 'stop') console.log('\nstopping …');
  else console.error(`runfleet: ${ended}\nstopping the rest …`);
  await stack.stop();
  console.log('everything has stopped');
  process.exitCode = ended === 'stop' ? 0 : 1;
}

await program.parseAsync();
// Whatever keeps the event loop alive by now is not ours to wait for.
process.exit();
