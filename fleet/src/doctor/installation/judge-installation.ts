import { failed, ok, warning, type Finding } from '../finding.ts';
import { stateDirectory, type CredentialFile, type Installation } from './read-installation.ts';

/** @param version of the program that looks */
export function judgeInstallation(installation: Installation, version: string): Finding[] {
  return [
    judgeProgram(installation, version),
    judgeUser(installation),
    judgeCredentials(installation),
    judgeState(installation),
    judgeUnits(installation),
  ];
}

function judgeProgram({ layout, version: installed, missing }: Installation, version: string): Finding {
  const item = 'install.program';
  const remedy = 'npx runfleet install with the same --prefix, in the clone';
  if (missing.length > 0) {
    const found = `${missing.length} files of ${layout.program} are gone, ${missing[0]} among them`;
    return failed(item, found, 'services do not start, or end in the middle of their work', remedy);
  }
  const found = `${installed} in ${layout.program}`;
  if (installed !== version) {
    return warning(item, found, `this is ${version}: services run another version`, remedy);
  }
  return ok(item, found, 'everything that was installed is there');
}

function judgeUser({ layout, userId }: Installation): Finding {
  const item = 'install.user';
  if (userId !== null) return ok(item, `runfleet, ${userId}`, 'every part runs as it');
  return failed(
    item,
    'no user runfleet',
    'no service starts without it',
    `systemd-sysusers ${layout.sysusers}`,
  );
}

function judgeCredentials({ credentials }: Installation): Finding {
  const item = 'install.credentials';
  const all = (matches: (file: CredentialFile) => boolean) => credentials.filter(matches);
  const pathsOf = (files: CredentialFile[]) => files.map(({ path }) => path).join(' ');

  const missing = all(({ state }) => state === 'missing');
  if (missing.length > 0) {
    const remedy = `install -m 0600 /dev/null ${missing[0]?.path}, and write it`;
    return failed(item, `missing: ${pathsOf(missing)}`, 'units that load it do not start', remedy);
  }
  const open = all(({ isOpen }) => isOpen);
  if (open.length > 0) {
    const means = 'other users of this host may read it; systemd reads it as root';
    return failed(item, `not only root's: ${pathsOf(open)}`, means, `chmod 0600 ${pathsOf(open)}`);
  }
  // The token is the gateway's alone, which not every host has.
  const empty = all(({ name, state }) => state === 'empty' && name !== 'gateway-token');
  if (empty.length > 0) {
    return failed(
      item,
      `empty: ${pathsOf(empty)}`,
      'no part knows where to connect to',
      `write the URL into ${empty[0]?.path}`,
    );
  }
  if (credentials.some(({ state }) => state === 'unreadable')) {
    const means = 'as it should be for this user; whether they are written was not seen';
    return ok(item, 'only root reads them', means);
  }
  return ok(item, pathsOf(all(({ state }) => state === 'written')), 'written, and only root reads them');
}

function judgeState({ layout, userId, stateOwnerId }: Installation): Finding {
  const item = 'install.state';
  const remedy = `systemd-tmpfiles --create ${layout.tmpfiles}`;
  const means = 'workers have no place for the directories of attempts';
  if (stateOwnerId === null) return failed(item, `no ${stateDirectory}`, means, remedy);
  if (userId !== null && stateOwnerId !== userId) {
    return failed(item, `${stateDirectory} is another user's, ${stateOwnerId}`, means, remedy);
  }
  return ok(item, stateDirectory, 'where attempts get their directories');
}

function judgeUnits({ layout, units }: Installation): Finding {
  const item = 'install.units';
  if (units === null) {
    return warning(item, 'systemd is not process 1 here', 'nothing starts these services', null);
  }
  const broken = units.filter(({ active }) => active !== 'active' && active !== 'inactive');
  if (broken.length > 0) {
    const found = broken.map(({ name, active }) => `${name} ${active}`).join(', ');
    return failed(item, found, 'it does not run', `journalctl --unit ${broken[0]?.name}`);
  }
  const active = units.filter((unit) => unit.active === 'active');
  if (active.length === 0) {
    const remedy =
      'systemctl enable --now runfleet.target runfleet-recorder.service runfleet-worker@NAME.service';
    return warning(item, `none of ${layout.units} is active`, 'this host takes no tasks', remedy);
  }
  return ok(item, active.map(({ name }) => name).join(', '), 'active');
}
