import { expect, it } from 'vitest';
import { Termination } from './termination.ts';

function started() {
  const termination = new Termination();
  let kills = 0;
  termination.childStarted(() => void kills++);
  return { termination, kills: () => kills };
}

it('kills once, for the first reason', () => {
  const { termination, kills } = started();
  termination.end('timeout');
  termination.end('drain');
  expect([termination.reason, kills()]).toEqual(['timeout', 1]);
});

it('kills a child that was being started when its reason came', () => {
  const termination = new Termination();
  termination.end('lease_lost');
  let kills = 0;
  termination.childStarted(() => void kills++);
  expect(kills).toBe(1);
});

it('has no reason to end a child that has ended', () => {
  const { termination, kills } = started();
  termination.childExited();
  termination.end('timeout');
  expect([termination.reason, kills()]).toEqual([null, 0]);
});
