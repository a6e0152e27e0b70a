import type { Duplex, Readable } from 'node:stream';

/**
 * Waits until all streams have ended, and destroys those that have not after `graceMs`: a process that has got away
 * may hold the other end for ever. Call it when the child has exited.
 */
export async function pipesClosed(streams: (Readable | Duplex)[], graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    // A turn of the event loop after the timer: in a busy worker it fires before what has already arrived was read.
    timer = setTimeout(() => setImmediate(resolve), graceMs);
  });
  await Promise.race([Promise.all(streams.map(closed)), deadline]);
  clearTimeout(timer);
  for (const stream of streams) stream.destroy();
}

function closed(stream: Readable | Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed || stream.destroyed) resolve();
    else stream.once('close', () => resolve());
  });
}
