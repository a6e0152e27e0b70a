import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeLease } from './lease.ts';

const lease = { renewedAtMs: 1_000, lockMs: 30_000, marginMs: 3_000 };

test('a lock is trusted until its time less the margin has passed since the last known renewal', () => {
  expect(judgeLease(1_000, lease)).toEqual({ kind: 'trusted', forMs: 27_000 });
  expect(judgeLease(27_999, lease)).toEqual({ kind: 'trusted', forMs: 1 });
  expect(judgeLease(28_000, lease)).toEqual({ kind: 'lost' });
});

test('who looks again when the trust has run out finds it lost, and never a moment before', () => {
  const ms = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(
    fc.property(ms, ms, fc.integer({ min: 1, max: 60_000 }), (renewedAtMs, sinceMs, trustMs) => {
      const held = { renewedAtMs, lockMs: trustMs + 500, marginMs: 500 };
      const verdict = judgeLease(renewedAtMs + sinceMs, held);
      expect(verdict.kind).toBe(sinceMs < trustMs ? 'trusted' : 'lost');
      if (verdict.kind === 'lost') return;
      const endsMs = renewedAtMs + sinceMs + verdict.forMs;
      expect(judgeLease(endsMs, held)).toEqual({ kind: 'lost' });
      expect(judgeLease(endsMs - 1, held).kind).toBe('trusted');
    }),
  );
});

test('a renewal never shortens the trust', () => {
  const ms = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(ms, ms, ms, (nowMs, earlierMs, byMs) => {
      const before = judgeLease(nowMs, { ...lease, renewedAtMs: earlierMs });
      const after = judgeLease(nowMs, { ...lease, renewedAtMs: earlierMs + byMs });
      const forMs = (verdict: typeof before) => (verdict.kind === 'lost' ? 0 : verdict.forMs);
      expect(forMs(after)).toBeGreaterThanOrEqual(forMs(before));
    }),
  );
});
