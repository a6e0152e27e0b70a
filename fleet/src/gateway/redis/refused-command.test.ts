import { expect, test } from 'vitest';
import { refusedCommand } from './refused-command.ts';

test.each(['BLPOP', 'BZPOPMIN', 'WAIT'])('%s blocks', (name) => {
  expect(refusedCommand(name, ['k', '0'])).toContain('blocking commands are not available over REST');
});

test.each(['SELECT', 'AUTH', 'CLIENT', 'WATCH', 'RESET', 'QUIT', 'HELLO', 'MONITOR'])(
  '%s changes a connection',
  (name) => {
    expect(refusedCommand(name, [])).toContain('connections are shared over REST');
  },
);

test('what to use instead is said', () => {
  expect(refusedCommand('MULTI', [])).toContain('use /multi-exec');
  expect(refusedCommand('SUBSCRIBE', ['c'])).toContain('use /subscribe/<channel>');
});

test.each(['SHUTDOWN', 'CONFIG', 'REPLICAOF'])('%s administers the server', (name) => {
  expect(refusedCommand(name, [])).toContain('administers the server');
});

test('XREAD is refused only with BLOCK as an option, not as a key', () => {
  expect(refusedCommand('XREAD', ['count', '1', 'block', '0', 'STREAMS', 's', '0'])).toContain(
    'XREAD blocks',
  );
  expect(refusedCommand('XREAD', ['COUNT', '1', 'streams', 'block', '0'])).toBeUndefined();
});

test.each(['GET', 'EVAL', 'EVALSHA', 'SCRIPT', 'INFO', 'PUBLISH', 'FLUSHALL'])('%s may go', (name) => {
  expect(refusedCommand(name, [])).toBeUndefined();
});
