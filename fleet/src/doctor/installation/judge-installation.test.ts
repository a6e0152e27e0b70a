import { expect, test } from 'vitest';
import { layoutOf } from '../../systemd/install/layout.ts';
import { judgeInstallation } from './judge-installation.ts';
import type { Installation } from './read-installation.ts';

const whole: Installation = {
  layout: layoutOf('/usr/local', '/etc'),
  version: '1.0.0',
  missing: [],
  userId: 995,
  credentials: ['database-url', 'redis-url', 'gateway-token'].map((name) => ({
    name,
    path: `/etc/runfleet/credentials/${name}`,
    state: name === 'gateway-token' ? 'empty' : 'written',
    isOpen: false,
  })),
  stateOwnerId: 995,
  units: [
    { name: 'runfleet-worker@one.service', active: 'active' },
    { name: 'runfleet-gateway.service', active: 'inactive' },
  ],
};
const [databaseUrl] = whole.credentials;
const withDatabaseUrl = (but: object) => ({
  credentials: [{ ...databaseUrl, ...but }, ...whole.credentials.slice(1)] as Installation['credentials'],
});

test('an installation that is whole and runs', () => {
  expect(new Set(judgeInstallation(whole, '1.0.0').map(({ status }) => status))).toEqual(new Set(['ok']));
});

test.each<[string, Partial<Installation>, string, string, RegExp]>([
  ['a file is gone', { missing: ['/x'] }, 'install.program', 'failed', /runfleet install/],
  ['another version', { version: '0.9.0' }, 'install.program', 'warning', /runfleet install/],
  ['no user', { userId: null }, 'install.user', 'failed', /systemd-sysusers .*sysusers.d.runfleet.conf/],
  ['a credential is gone', withDatabaseUrl({ state: 'missing' }), 'install.credentials', 'failed', /0600/],
  ['an empty one', withDatabaseUrl({ state: 'empty' }), 'install.credentials', 'failed', /database-url/],
  ['one that all may read', withDatabaseUrl({ isOpen: true }), 'install.credentials', 'failed', /chmod 0600/],
  ['no state', { stateOwnerId: null }, 'install.state', 'failed', /systemd-tmpfiles --create/],
  ["somebody else's state", { stateOwnerId: 0 }, 'install.state', 'failed', /systemd-tmpfiles --create/],
  ['no unit', { units: [] }, 'install.units', 'warning', /systemctl enable --now/],
  [
    'a unit that fails',
    { units: [{ name: 'runfleet-recorder.service', active: 'failed' }] },
    'install.units',
    'failed',
    /journalctl --unit runfleet-recorder.service/,
  ],
])('%s', (_what, but, item, status, remedy) => {
  const findings = judgeInstallation({ ...whole, ...but }, '1.0.0');
  expect(findings.filter((one) => one.status !== 'ok')).toEqual([
    expect.objectContaining({ item, status, remedy: expect.stringMatching(remedy) }),
  ]);
});
