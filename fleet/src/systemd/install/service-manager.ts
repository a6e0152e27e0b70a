import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../../start-error.ts';
import type { Layout } from './layout.ts';
import { unitNames } from './service-items.ts';

export type HostCommand = [command: string, ...args: string[]];

/** Null where there is no systemd at all. */
export function systemdVersion(): number | null {
  const { status, stdout } = spawnSync('systemctl', ['--version'], { encoding: 'utf8' });
  const major = status === 0 ? /^systemd (\d+)/.exec(stdout)?.[1] : undefined;
  return major === undefined ? null : Number(major);
}

/** As sd_booted(3) finds out. */
export function isBootedWithSystemd(): boolean {
  return existsSync('/run/systemd/system');
}

/** What tells the host of a new installation; safe to do again. */
export function commandsAfterInstall(layout: Layout): HostCommand[] {
  const units = unitNames.map((name) => join(layout.units, name));
  const link: HostCommand[] = layout.isUnitPath ? [] : [['systemctl', 'link', '--quiet', ...units]];
  return [
    ['systemd-sysusers', layout.sysusers],
    ['systemd-tmpfiles', '--create', layout.tmpfiles],
    ...link,
    ['systemctl', 'daemon-reload'],
  ];
}

/** Stops what runs, in order; workers drain. */
export function commandsBeforeUninstall(): HostCommand[] {
  return [
    ['systemctl', 'stop', 'runfleet.target', 'runfleet-*.service'],
    ['systemctl', 'disable', '--quiet', ...unitNames],
  ];
}

export const commandsAfterUninstall: HostCommand[] = [['systemctl', 'daemon-reload']];

/** @throws StartError with what the command said */
export function runHostCommand([command, ...args]: HostCommand): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
  throw new StartError(`${[command, ...args].join(' ')} failed: ${reason}`);
}
