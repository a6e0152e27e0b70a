import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';

export interface PrivateRedis {
  url: string;
  port: number;
  /** Kills it at once; may be called again. */
  stop(): Promise<void>;
}

/** A redis-server of one's own, on `port` or a free one; nothing is left of it after `stop`. */
export async function startRedis(port?: number): Promise<PrivateRedis> {
  const listenPort = port ?? (await freePort());
  const directory = mkdtempSync(join(tmpdir(), 'runfleet-redis-'));
  const args = [
    '--port',
    `${listenPort}`,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    directory,
  ];
  const child = spawn(inject('redisServer'), args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(directory, { recursive: true, force: true });
  };
  return { url: `redis://127.0.0.1:${listenPort}`, port: listenPort, stop };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
