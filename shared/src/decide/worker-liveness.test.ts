import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeWorkers, type JudgedWorker, type WorkerSighting } from './worker-liveness.ts';

const config = { secondLookMs: 20_000, settleMs: 15_000 };

/** A worker that is settled, live and beating, unless something else is said. */
function sighting(id: string, but: Partial<WorkerSighting> = {}): WorkerSighting {
  const instance = `instance of ${id}`;
  return {
    id,
    instance,
    status: 'live',
    suspectedForMs: null,
    registeredForMs: 3_600_000,
    beatInstance: instance,
    ...but,
  };
}

const missing = { beatInstance: null } satisfies Partial<WorkerSighting>;

function verdicts(sightings: WorkerSighting[], redisIsNew = false): Record<string, string> {
  return Object.fromEntries(
    judgeWorkers(sightings, redisIsNew, config).map(({ id, verdict }) => [id, verdict]),
  );
}

describe('one worker', () => {
  test('that beats is alive', () => {
    expect(verdicts([sighting('a')])).toEqual({ a: 'alive' });
  });

  test('that beats is alive again, though it was lost or under suspicion', () => {
    const sightings = [sighting('a', { status: 'lost' }), sighting('b', { suspectedForMs: 99_000 })];
    expect(verdicts(sightings)).toEqual({ a: 'alive', b: 'alive' });
  });

  test('that misses its beat is lost at once', () => {
    expect(verdicts([sighting('a', missing)])).toEqual({ a: 'lost' });
  });

  test("is missing when the heartbeat is another process'", () => {
    expect(verdicts([sighting('a', { beatInstance: 'somebody else' })])).toEqual({ a: 'lost' });
  });

  test('that has just registered is not missed yet', () => {
    expect(verdicts([sighting('a', { ...missing, registeredForMs: config.settleMs - 1 })])).toEqual({
      a: 'unchanged',
    });
  });

  test('that is lost already stays so', () => {
    expect(verdicts([sighting('a', { ...missing, status: 'lost' })])).toEqual({ a: 'unchanged' });
  });
});

describe('many at once', () => {
  test('half of the fleet may vanish and is lost', () => {
    const sightings = [sighting('a', missing), sighting('b', missing), sighting('c'), sighting('d')];
    expect(verdicts(sightings)).toEqual({ a: 'lost', b: 'lost', c: 'alive', d: 'alive' });
  });

  test('more than half that vanish are only suspected', () => {
    const sightings = [sighting('a', missing), sighting('b', missing), sighting('c')];
    expect(verdicts(sightings)).toEqual({ a: 'suspect', b: 'suspect', c: 'alive' });
  });

  test('suspects that are still missing at the second look are lost, however many', () => {
    const suspect = { ...missing, suspectedForMs: config.secondLookMs };
    expect(verdicts([sighting('a', suspect), sighting('b', suspect)])).toEqual({ a: 'lost', b: 'lost' });
  });

  test('a suspect is left alone until the second look', () => {
    const suspect = { ...missing, suspectedForMs: config.secondLookMs - 1 };
    expect(verdicts([sighting('a', suspect), sighting('b', suspect)])).toEqual({
      a: 'unchanged',
      b: 'unchanged',
    });
  });
});

describe('of any fleet', () => {
  const ageMs = fc.integer({ min: 0, max: 60_000 });
  const anySighting = fc.record({
    instance: fc.constantFrom('i1', 'i2'),
    status: fc.constantFrom('live' as const, 'lost' as const),
    suspectedForMs: fc.option(ageMs),
    registeredForMs: ageMs,
    beatInstance: fc.constantFrom('i1', 'i2', null),
  });
  const anyFleet = fc
    .array(anySighting, { maxLength: 12 })
    .map((fleet) => fleet.map((worker, index) => ({ id: `w${index}`, ...worker })));

  const judgeEach = (
    redisIsNew: boolean,
    check: (fleet: WorkerSighting[], judged: JudgedWorker[]) => void,
  ): void =>
    fc.assert(fc.property(anyFleet, (fleet) => check(fleet, judgeWorkers(fleet, redisIsNew, config))));

  test.each([false, true])('each worker is judged once, in order (Redis is new: %s)', (redisIsNew) => {
    judgeEach(redisIsNew, (fleet, judged) => {
      expect(judged.map(({ id, instance }) => ({ id, instance }))).toEqual(
        fleet.map(({ id, instance }) => ({ id, instance })),
      );
    });
  });

  test.each([false, true])('alive are exactly those that beat (Redis is new: %s)', (redisIsNew) => {
    judgeEach(redisIsNew, (fleet, judged) => {
      fleet.forEach((worker, index) => {
        expect(judged[index]?.verdict === 'alive').toBe(worker.beatInstance === worker.instance);
      });
    });
  });

  test('never more than half of the live ones, and one, are lost at their first look', () => {
    judgeEach(false, (fleet, judged) => {
      const live = fleet.filter(({ status }) => status === 'live').length;
      const lostAtOnce = fleet.filter(
        (worker, index) => worker.suspectedForMs === null && judged[index]?.verdict === 'lost',
      );
      expect(lostAtOnce.length).toBeLessThanOrEqual(Math.max(1, Math.floor(live / 2)));
    });
  });

  test('a Redis that is new loses nobody who was not under suspicion for long', () => {
    judgeEach(true, (fleet, judged) => {
      fleet.forEach((worker, index) => {
        if (judged[index]?.verdict !== 'lost') return;
        expect(worker.suspectedForMs).toBeGreaterThanOrEqual(config.secondLookMs);
      });
    });
  });

  test('once what was found is noted, a second look at the same moment finds nothing new to lose or suspect', () => {
    fc.assert(
      fc.property(anyFleet, fc.boolean(), (fleet, redisIsNew) => {
        const first = judgeWorkers(fleet, redisIsNew, config);
        const noted = fleet.map((worker, index) => note(worker, first[index]?.verdict));
        const again = judgeWorkers(noted, redisIsNew, config).map(({ verdict }) => verdict);
        expect(again).not.toContain('suspect');
        expect(again).not.toContain('lost');
      }),
    );
  });
});

function note(worker: WorkerSighting, verdict: string | undefined): WorkerSighting {
  switch (verdict) {
    case 'alive':
      return { ...worker, status: 'live', suspectedForMs: null };
    case 'suspect':
      return { ...worker, suspectedForMs: 0 };
    case 'lost':
      return { ...worker, status: 'lost', suspectedForMs: null };
    default:
      return worker;
  }
}
