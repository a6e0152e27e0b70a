import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { install } from '../systemd/install/install.ts';
import { defaultPrefix, defaultSysconfdir, layoutOf } from '../systemd/install/layout.ts';
import { uninstall } from '../systemd/install/uninstall.ts';

interface Options {
  prefix: string;
  sysconfdir: string;
  dryRun?: true;
  filesOnly?: true;
}

export const prefixOption = (): Option =>
  new Option('--prefix <path>', 'what it is installed below')
    .default(defaultPrefix)
    .argParser((path) => resolve(path));
const sysconfdirOption = () =>
  new Option('--sysconfdir <path>', 'settings and credentials are in its runfleet/')
    .default(defaultSysconfdir)
    .argParser((path) => resolve(path));
const dryRunOption = () => new Option('--dry-run', 'say what would be done, and do nothing');
const filesOnlyOption = () =>
  new Option(
    '--files-only',
    'for packages and images: leave the user and the service manager of this host alone',
  );

const say = (line: string) => console.log(line);

export const installCommand = new Command('install')
  .description('install this program as services of systemd; a second time it changes nothing')
  .addOption(prefixOption())
  .addOption(sysconfdirOption())
  .addOption(dryRunOption())
  .addOption(filesOnlyOption())
  .action(({ prefix, sysconfdir, dryRun, filesOnly }: Options) => {
    const layout = layoutOf(prefix, sysconfdir);
    install({ layout, dryRun: dryRun === true, filesOnly: filesOnly === true }, say);
  });

export const uninstallCommand = new Command('uninstall')
  .description('stop the services, and remove what was installed; settings and credentials stay')
  .addOption(prefixOption())
  .addOption(sysconfdirOption())
  .addOption(dryRunOption())
  .addOption(filesOnlyOption())
  .option('--purge', 'remove settings and credentials too')
  .action(({ prefix, sysconfdir, dryRun, filesOnly, purge }: Options & { purge?: true }) => {
    const layout = layoutOf(prefix, sysconfdir);
    uninstall({ layout, dryRun: dryRun === true, filesOnly: filesOnly === true, purge: purge === true }, say);
  });
