import { createServer } from 'node:net';
import { UserError } from './user-error.ts';

export interface StackPorts {
  edge: number;
  gateway: number;
  postgres: number;
  redis: number;
}

/** Throws when one of the ports is in use, and says which part wants it. */
export async function assertPortsFree(ports: Partial<StackPorts>): Promise<void> {
  for (const [part, port] of Object.entries(ports)) {
    const problem = await tryListen(port);
    if (problem !== null) {
      const why = problem === 'EADDRINUSE' ? 'is taken' : `cannot be used (${problem})`;
      throw new UserError(
        `port ${port} (${part}) ${why}; end what listens there (another npm start?), ` +
          'or move the whole stack with --port',
      );
    }
  }
}

/** Ports that are free now. */
export async function freePorts(): Promise<StackPorts> {
  const servers = await Promise.all(Array.from({ length: 4 }, () => listen(0)));
  const [edge, gateway, postgres, redis] = servers.map(({ port }) => port) as [
    number,
    number,
    number,
    number,
  ];
  await Promise.all(servers.map(({ close }) => close()));
  return { edge, gateway, postgres, redis };
}

async function tryListen(port: number): Promise<string | null> {
  try {
    await (await listen(port)).close();
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

function listen(port: number): Promise<{ port: number; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        close: () => new Promise((closed) => server.close(() => closed())),
      });
    });
  });
}
