import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials } from '../credentials.ts';
import type { Item } from './item.ts';
import type { Layout } from './layout.ts';

const templates = fileURLToPath(new URL('../../../systemd/', import.meta.url));

/** Of units and templates of units. */
export const unitNames = readdirSync(join(templates, 'units'));

/** systemd knows growing delays between restarts since this version; older ones complain of the words. */
const backoffSince = 254;

/** Units, their user, their directories and the command, for this layout. */
export function serviceItems(layout: Layout, systemdVersion: number | null): Item[] {
  const services = unitNames.filter((name) => name.endsWith('.service'));
  const withBackoff = systemdVersion !== null && systemdVersion >= backoffSince ? services : [];
  return [
    ...unitNames.map((name) => template(`units/${name}`, join(layout.units, name), layout)),
    ...withBackoff.map((name) =>
      template('backoff.conf', join(layout.units, `${name}.d`, '10-backoff.conf'), layout),
    ),
    template('sysusers.conf', layout.sysusers, layout),
    template('tmpfiles.conf', layout.tmpfiles, layout),
    file(layout.bin, 0o755, startScript(layout)),
  ];
}

/** Settings and empty credentials: put there once, and the administrator's from then on. */
export function configurationItems(layout: Layout): Item[] {
  return [
    { kind: 'directory', path: layout.configuration, mode: 0o755 },
    ...readdirSync(join(templates, 'etc')).map((name) =>
      template(`etc/${name}`, join(layout.configuration, name), layout),
    ),
    { kind: 'directory', path: layout.credentials, mode: 0o700 },
    ...Object.keys(credentials).map((name) => file(join(layout.credentials, name), 0o600, '')),
  ];
}

function template(name: string, path: string, { program, sysconfdir }: Layout): Item {
  const text = readFileSync(join(templates, name), 'utf8');
  return file(path, 0o644, text.replaceAll('@program@', program).replaceAll('@sysconfdir@', sysconfdir));
}

function file(path: string, mode: number, text: string): Item {
  return { kind: 'file', path, mode, content: Buffer.from(text) };
}

function startScript({ program }: Layout): string {
  return `#!/bin/sh\nexec '${program}/bin/node' '${program}/fleet/src/main.ts' "$@"\n`;
}
