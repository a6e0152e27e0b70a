import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const targetsSchema = z.array(z.object({ webSocketDebuggerUrl: z.url() })).min(1);

/** Blocks a Node for good, through the inspector that it has open on this port. */
export async function blockEventLoop(inspectorPort: number): Promise<void> {
  const target = await firstTarget(`http://127.0.0.1:${inspectorPort}/json/list`);
  const socket = new WebSocket(target);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('the inspector does not answer')));
  });
  const block = { id: 1, method: 'Runtime.evaluate', params: { expression: 'for (;;);' } };
  socket.send(JSON.stringify(block));
  // The connection ends with the process; nobody has to wait for it.
  socket.addEventListener('error', () => {});
}

async function firstTarget(url: string): Promise<string> {
  for (let triesLeft = 50; ; triesLeft -= 1) {
    try {
      const [target] = targetsSchema.parse(await (await fetch(url)).json());
      return target?.webSocketDebuggerUrl ?? '';
    } catch (error) {
      if (triesLeft === 0) throw error;
      await delay(100);
    }
  }
}
