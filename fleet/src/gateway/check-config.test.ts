import { expect, test } from 'vitest';
import { checkConfig } from './check-config.ts';

const config = {
  port: 0,
  token: 'long-enough-token',
  redisUrl: 'redis://r',
  databaseUrl: 'postgresql://u:secret@h/d',
};

test('defaults', () => {
  expect(checkConfig(config)).toMatchObject({
    host: '127.0.0.1',
    maxConnections: 10,
    maxBodyBytes: 16 * 1024 * 1024,
  });
});

test.each([
  [{ token: '' }, 'the token is empty'],
  [{ host: '0.0.0.0', token: 'short' }, 'the token needs at least 16 characters'],
  [{ host: '10.0.0.1', databaseUrl: 'postgresql://u@h/d' }, 'databaseUrl needs a password'],
  [{ redisUrl: 'http://u:secret@h' }, 'redisUrl must begin with redis:// or rediss://'],
  [{ databaseUrl: 'secret' }, 'databaseUrl is not a valid URL'],
])('%j is refused, without a secret in the message', (change, message) => {
  const check = () => checkConfig({ ...config, ...change });
  expect(check).toThrow(message);
  expect(check).not.toThrow('secret');
});

test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('on %s a short token will do', (host) => {
  expect(checkConfig({ ...config, host, token: 'x' }).host).toBe(host);
});
