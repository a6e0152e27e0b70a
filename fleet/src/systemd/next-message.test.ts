import { expect, test } from 'vitest';
import { nextMessage } from './next-message.ts';

const quiet = { alive: true, status: 'a', toldStatus: 'a', sinceBeatMs: 0 };

test.each([
  ['nothing is new', {}, 1000, []],
  ['the status has changed', { status: 'b' }, 1000, ['STATUS=b']],
  ['a beat is due', { sinceBeatMs: 1000 }, 1000, ['WATCHDOG=1']],
  ['both', { status: 'b', sinceBeatMs: 1500 }, 1000, ['WATCHDOG=1', 'STATUS=b']],
  ['it takes no more work', { alive: false, sinceBeatMs: 9000 }, 1000, []],
  ['nobody watches', { sinceBeatMs: 9000 }, null, []],
])('%s', (_what, but, beatEveryMs, message) => {
  expect(nextMessage({ ...quiet, ...but }, beatEveryMs)).toEqual(message);
});
