import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type Direction = 'requests' | 'answers';

/** What becomes of the bytes that travel in one direction. */
type Flow =
  | { kind: 'pass' }
  | { kind: 'delay'; ms: number }
  /** Held until the link is healed, as bytes are that TCP sends again and again. */
  | { kind: 'stall' }
  /** Gone, and the connection with them. */
  | { kind: 'drop' };

const pass: Flow = { kind: 'pass' };

/** One connection of a client to a server, by way of the link. */
class Connection {
  readonly near: Socket;
  readonly far: Socket;
  /** Nothing travels any more, and neither end is told. */
  forgotten = false;

  constructor(near: Socket, far: Socket) {
    this.near = near;
    this.far = far;
  }

  reset(): void {
    this.near.resetAndDestroy();
    this.far.resetAndDestroy();
  }
}

/**
 * A way from one process to another that can be broken as networks break.
 *
 * open ──cut()──▶ refused      open ──stall(), slow(), dropAnswers()──▶ disturbed      any ──heal()──▶ open
 */
export class Link {
  readonly name: string;
  readonly #target: { host: string; port: number };
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #flows: Record<Direction, Flow> = { requests: pass, answers: pass };
  #isCut = false;
  #changed = Promise.withResolvers<void>();

  constructor(name: string, target: { host: string; port: number }) {
    this.name = name;
    this.#target = target;
    this.#server = createServer((near) => this.#accept(near));
  }

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The target's URL, by way of this link. */
  via(url: string): string {
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String(this.port);
    return through.href;
  }

  /** Resets every connection, and every new one. */
  cut(): void {
    this.#isCut = true;
    for (const connection of this.#connections) connection.reset();
  }

  /** Lets nothing through, in one direction or both, and tells nobody. */
  stall(...directions: Direction[]): void {
    for (const direction of directions) this.#flows[direction] = { kind: 'stall' };
    this.#change();
  }

  slow(ms: number): void {
    this.#flows = { requests: { kind: 'delay', ms }, answers: { kind: 'delay', ms } };
    this.#change();
  }

  /** Delivers each request; when its answer comes, the connection breaks instead. */
  dropAnswers(): void {
    this.#flows = { requests: pass, answers: { kind: 'drop' } };
    this.#change();
  }

  /**
   * Forgets the connections that there are, as a firewall does that was restarted: what is sent on them arrives nowhere,
   * for ever, and neither end is told. New ones are as good as ever.
   */
  forget(): void {
    for (const connection of this.#connections) connection.forgotten = true;
  }

  /** Ends what is left of forgotten connections whose client has gone, as a server's keep-alive does after a while. */
  bury(): void {
    for (const connection of this.#connections) {
      if (!connection.forgotten || !connection.near.closed) continue;
      connection.far.destroy();
      this.#connections.delete(connection);
    }
  }

  heal(): void {
    this.#isCut = false;
    this.#flows = { requests: pass, answers: pass };
    this.#change();
  }

  async close(): Promise<void> {
    this.#isCut = true;
    this.#change();
    for (const connection of this.#connections) connection.reset();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #accept(near: Socket): void {
    near.on('error', () => {});
    if (this.#isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#target.port, this.#target.host);
    const connection = new Connection(near, far);
    this.#connections.add(connection);
    near.setNoDelay();
    far.setNoDelay();
    void this.#carry(connection, 'requests', near, far);
    void this.#carry(connection, 'answers', far, near);
  }

  async #carry(connection: Connection, direction: Direction, from: Socket, to: Socket): Promise<void> {
    to.on('error', () => {});
    from.on('close', () => {
      if (connection.forgotten) return;
      to.end();
      this.#connections.delete(connection);
    });
    from.on('error', () => {
      if (!connection.forgotten) to.resetAndDestroy();
    });
    try {
      for await (const chunk of from) {
        if (connection.forgotten) continue;
        await this.#passage(connection, direction);
        if (connection.forgotten || to.destroyed) continue;
        if (!to.write(chunk as Buffer)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
    } catch {
      // The connection broke; both ends are told by the handlers above.
    }
  }

  /** Waits until the next bytes may go on. */
  async #passage(connection: Connection, direction: Direction): Promise<void> {
    for (;;) {
      const flow = this.#flows[direction];
      switch (flow.kind) {
        case 'pass':
          return;
        case 'delay':
          return new Promise((resolve) => setTimeout(resolve, flow.ms));
        case 'drop':
          connection.reset();
          return;
        case 'stall':
          await this.#changed.promise;
      }
    }
  }
}
