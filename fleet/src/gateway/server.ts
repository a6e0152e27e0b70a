import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { loggableFailure } from './loggable-failure.ts';
import { Refusal } from './refusal.ts';
import { handleRedis, type RedisSide } from './redis/handle-redis.ts';
import { handleSql, type SqlSide } from './sql/handle-sql.ts';

/** A client may take this long to send its request. */
const requestTimeoutMs = 60_000;

/** What is still running this long after `close` was called is cut off, and so cancelled. */
const closeGraceMs = 5_000;

/** The HTTP server: tells the two protocols apart, writes refusals, logs. States: created → listening → closed. */
export class GatewayServer {
  readonly #redisSide: RedisSide;
  readonly #sqlSide: SqlSide;
  readonly #logger: Logger | undefined;
  readonly #server: Server;
  /** Requests that are not over: their handler is at work, or their response is not sent. */
  readonly #running = new Set<Promise<void>>();

  constructor(redisSide: RedisSide, sqlSide: SqlSide, logger: Logger | undefined) {
    this.#redisSide = redisSide;
    this.#sqlSide = sqlSide;
    this.#logger = logger;
    // With keepAlive, a peer that vanished without a word is noticed; subscriptions would wait for it for ever.
    const options = { keepAlive: true, keepAliveInitialDelay: 30_000, requestTimeout: requestTimeoutMs };
    this.#server = createServer(options, (request, response) => {
      const over = new Promise((resolve) => response.once('close', resolve));
      const running = this.#answer(request, response)
        .catch(() => response.destroy())
        .then(() => over)
        .then(() => void this.#running.delete(running));
      this.#running.add(running);
    });
    // Out of file descriptors, for one: the connection is lost, the server goes on.
    this.#server.on('error', (error: NodeJS.ErrnoException) =>
      this.#logger?.error({ code: error.code }, 'gateway: server error'),
    );
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The listening address; one that means "every interface" is shown as loopback. */
  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    if (address === '0.0.0.0' || address === '::') return `http://localhost:${port}`;
    return family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`;
  }

  /** @throws Error with a message for the operator when the address cannot be had. */
  async listen(host: string, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const problem =
          cause.code === 'EADDRINUSE' ? 'the port is already in use' : (cause.code ?? cause.message);
        reject(new Error(`gateway: cannot listen on ${host}:${port}: ${problem}`, { cause }));
      });
      this.#server.listen(port, host, resolve);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const cutOff = setTimeout(() => this.#server.closeAllConnections(), closeGraceMs);
    // A kept-alive connection can bring one more request until it is closed.
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#server.closeAllConnections();
    await closed;
    clearTimeout(cutOff);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that leaves while its answer is written is no error of ours, but unheard it would end the process.
    response.on('error', () => {});
    const startedMs = performance.now();
    const side = await this.#route(request, response);
    // Neither path nor query: they hold keys, values and perhaps the token.
    const durationMs = Math.round(performance.now() - startedMs);
    this.#logger?.debug(
      { side, method: request.method, status: response.statusCode, durationMs },
      'gateway: request',
    );
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<'health' | 'sql' | 'redis'> {
    const target = `http://gateway${request.url ?? '/'}`;
    const url = new URL(URL.canParse(target) ? target : 'http://gateway/');
    if (url.pathname === '/health') {
      writeJson(response, 200, { status: 'ok' });
      return 'health';
    }
    if (url.pathname === '/sql') {
      await handleSql(this.#sqlSide, request, response);
      return 'sql';
    }
    try {
      await handleRedis(this.#redisSide, request, response, url);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'INTERNAL the gateway failed');
      if (refusal.status === 500)
        this.#logger?.error(loggableFailure(error), 'gateway: redis request failed');
      if (response.headersSent) response.destroy();
      else writeJson(response, refusal.status, { error: refusal.message });
    }
    return 'redis';
  }
}

function writeJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
