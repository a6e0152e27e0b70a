import { join } from 'node:path';

/** Where an installation has its parts. */
export interface Layout {
  /** The program, with its Node and its dependencies, as one tree. */
  program: string;
  /** Directories of units, sysusers and tmpfiles, below the prefix. */
  units: string;
  sysusers: string;
  tmpfiles: string;
  bin: string;
  sysconfdir: string;
  /** Settings, which are the administrator's own. */
  configuration: string;
  credentials: string;
  /** What was installed, for the next installation and for the end of this one. */
  manifest: string;
  /** Whether systemd looks for units below this prefix by itself. */
  isUnitPath: boolean;
}

export function layoutOf(prefix: string, sysconfdir: string): Layout {
  const program = join(prefix, 'lib', 'runfleet');
  const configuration = join(sysconfdir, 'runfleet');
  return {
    program,
    units: join(prefix, 'lib', 'systemd', 'system'),
    sysusers: join(prefix, 'lib', 'sysusers.d', 'runfleet.conf'),
    tmpfiles: join(prefix, 'lib', 'tmpfiles.d', 'runfleet.conf'),
    bin: join(prefix, 'bin', 'runfleet'),
    sysconfdir,
    configuration,
    credentials: join(configuration, 'credentials'),
    manifest: join(program, 'manifest.json'),
    isUnitPath: prefix === '/usr/local' || prefix === '/usr',
  };
}

export const defaultPrefix = '/usr/local';
export const defaultSysconfdir = '/etc';
