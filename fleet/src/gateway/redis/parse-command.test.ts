import { expect, test } from 'vitest';
import { parseCommand, parseCommands, parsePathCommand } from './parse-command.ts';

test('numbers and booleans become text, the name upper case', () => {
  expect(parseCommand(['set', 'k', 1, 1.5, true, ''])).toEqual({
    name: 'SET',
    args: ['k', '1', '1.5', 'true', ''],
  });
});

test.each([[{}], [[]], [[1]], [['']], ['SET'], [null]])('%j is no command', (json) => {
  expect(() => parseCommand(json)).toThrow(/^ERR a command/);
});

test.each([[null], [{ a: 1 }], [['a']]])('%j is no argument', (arg) => {
  expect(() => parseCommand(['SET', 'k', arg])).toThrow(
    'ERR argument 2 is neither text nor a number nor a boolean',
  );
});

test('a pipeline is a non-empty array of commands', () => {
  expect(() => parseCommands([])).toThrow('ERR a pipeline');
  expect(() => parseCommands([['GET', 'a'], 'GET'])).toThrow('ERR a command is a JSON array');
});

test('the path form: decoded segments, then the body, then the query without the token', () => {
  const url = new URL('http://gateway/set/a%2Fb%20%C3%BC?EX=100&_token=secret&NX');
  const body = Buffer.from([0xff, 0x00]);
  expect(parsePathCommand(url, body)).toEqual({ name: 'SET', args: ['a/b ü', body, 'EX', '100', 'NX'] });
  expect(() => parsePathCommand(new URL('http://gateway/get/%ff'), Buffer.alloc(0))).toThrow(
    'broken percent escape',
  );
});
