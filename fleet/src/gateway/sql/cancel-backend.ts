import { connect } from 'node:net';
import type { Postgres } from './parse-credential.ts';

const cancelRequestCode = 80_877_102;
const cancelTimeoutMs = 2_000;

/** A client with the two numbers by which Postgres knows its session; pg has them and types them not. */
export interface CancelKey {
  processID?: number | null;
  secretKey?: number | null;
}

/**
 * Asks Postgres to stop what a session is running, by the protocol's own CancelRequest: unlike pg_cancel_backend it needs no free
 * connection. It is sent in the clear, which stock Postgres accepts with TLS on too. Resolves when the request was taken or failed: the
 * session tells whether it worked.
 */
export async function cancelBackend(postgres: Postgres, { processID, secretKey }: CancelKey): Promise<void> {
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return;
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(cancelRequestCode, 4);
  message.writeInt32BE(processID, 8);
  message.writeInt32BE(secretKey, 12);
  const { host, port } = postgres;
  await new Promise<void>((resolve) => {
    const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    socket.setTimeout(cancelTimeoutMs, () => socket.destroy());
    socket.on('error', () => {}); // `close` follows
    socket.on('close', () => resolve());
    socket.resume();
    // Postgres answers by closing the connection, once the signal is sent.
    socket.write(message);
  });
}
