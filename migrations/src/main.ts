import { localDatabaseUrl } from '@runfleet/shared/model/local-stack.ts';
import { migrate, migrationStatus } from './runner.ts';

const usage = `Usage: npm run migrate -- [up | down | all-down | status]

  up        apply the steps that are missing (default)
  down      take back the newest step
  all-down  take back every step: ALL DATA IS LOST
  status    list the steps and when each was applied

DATABASE_URL names the database; its default is the local stack's.`;

async function main(words: string[]): Promise<number> {
  const [command = 'up', ...rest] = words;
  if (command === '--help' || command === '-h') {
    console.log(usage);
    return 0;
  }
  const databaseUrl = process.env['DATABASE_URL'] || localDatabaseUrl;
  if (rest.length > 0) return complain(`unexpected "${rest.join(' ')}"`);
  switch (command) {
    case 'up':
    case 'down':
    case 'all-down': {
      const steps = await migrate(databaseUrl, command);
      for (const step of steps)
        console.log(`${step.direction === 'Up' ? 'applied' : 'took back'} ${step.name}`);
      if (steps.length === 0) console.log('nothing to do');
      return 0;
    }
    case 'status':
      for (const step of await migrationStatus(databaseUrl)) {
        console.log(`${step.name}  ${step.appliedAt?.toISOString() ?? 'not applied'}`);
      }
      return 0;
    default:
      return complain(`unknown command "${command}"`);
  }
}

function complain(what: string): number {
  console.error(`migrate: ${what} (try --help)`);
  return 2;
}

function messageOf(error: unknown): string {
  // Node reports a refused connection to a name with several addresses as one error without a message.
  if (error instanceof AggregateError) return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const cause = error instanceof Error && error.cause !== undefined ? `: ${messageOf(error.cause)}` : '';
  console.error(`migrate: ${messageOf(error)}${cause}`);
  process.exitCode = 1;
}
