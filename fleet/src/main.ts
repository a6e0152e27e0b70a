#!/usr/bin/env node
import { Command } from 'commander';
import { doctorCommand } from './commands/doctor.ts';
import { gatewayCommand } from './commands/gateway.ts';
import { installCommand, uninstallCommand } from './commands/install.ts';
import { keysCommand } from './commands/keys.ts';
import { recorderCommand } from './commands/recorder.ts';
import { workerCommand } from './commands/worker.ts';
import { takeCredentials } from './systemd/credentials.ts';
import { version } from './version.ts';

const program = new Command('runfleet')
  .description(
    'Runs JavaScript and TypeScript that nobody has reviewed, on machines you own, and never loses a task.',
  )
  .version(version)
  .showHelpAfterError('(--help tells more)')
  .addCommand(workerCommand)
  .addCommand(recorderCommand)
  .addCommand(gatewayCommand)
  .addCommand(keysCommand)
  .addCommand(doctorCommand)
  .addCommand(installCommand)
  .addCommand(uninstallCommand);

try {
  takeCredentials(process.env);
  await program.parseAsync();
} catch (error) {
  console.error(`runfleet: ${error instanceof Error ? error.message || error.name : String(error)}`);
  process.exitCode = 1;
}
