import { checkConfig, type GatewayConfig } from './check-config.ts';
import { GatewayServer } from './server.ts';
import { becomesReady, connectRedis } from './redis/connect.ts';
import { Subscriptions } from './redis/subscribe.ts';
import { parsePostgres } from './sql/parse-credential.ts';
import { Pools } from './sql/pools.ts';

export type { GatewayConfig };

export interface Gateway {
  /** Where it listens, `http://host:port`: the base URL for @upstash/redis; with `/sql`, the fetch endpoint for Neon's driver. */
  url: string;
  port: number;
  /** What has been let in since the start; commands and statements count those inside pipelines and batches. */
  counts(): GatewayCounts;
  /** Takes no more requests, gives those under way a moment, cancels the rest, and closes every connection. May be called again. */
  close(): Promise<void>;
}

export interface GatewayCounts {
  redisRequests: number;
  redisCommands: number;
  sqlRequests: number;
  sqlStatements: number;
}

/** The gateway starts without Redis too (it answers 503 until there is one), but a client that follows at once should find it. */
const firstRedisWaitMs = 1_000;

/**
 * Speaks Upstash's REST protocol in front of a plain Redis and Neon's SQL over HTTP in front of a plain Postgres, on one port:
 * `/sql` is Postgres, `/health` answers without a credential, everything else is Redis.
 * @throws Error with a message for the operator: a bad configuration, a port in use.
 */
export async function startGateway(config: GatewayConfig): Promise<Gateway> {
  const { host, port, token, redisUrl, databaseUrl, maxBodyBytes, maxResponseBytes, maxConnections, logger } =
    checkConfig(config);
  const counts: GatewayCounts = { redisRequests: 0, redisCommands: 0, sqlRequests: 0, sqlStatements: 0 };

  const postgres = parsePostgres(databaseUrl);
  const pools = new Pools(postgres, maxConnections, logger);
  const redis = connectRedis(redisUrl, logger);
  const subscriptions = new Subscriptions(redisUrl);
  const server = new GatewayServer(
    { redis, subscriptions, token, maxBodyBytes, counts },
    { pools, postgres, maxBodyBytes, maxResponseBytes, counts, logger },
    logger,
  );

  const close = async () => {
    subscriptions.closeAll();
    await server.close();
    redis.disconnect();
    await pools.close();
  };
  try {
    await server.listen(host, port);
  } catch (error) {
    await close();
    throw error;
  }
  await becomesReady(redis, firstRedisWaitMs);
  logger?.info({ url: server.url }, 'gateway: listening');

  let closing: Promise<void> | undefined;
  return {
    url: server.url,
    port: server.port,
    counts: () => ({ ...counts }),
    close: () => (closing ??= close()),
  };
}
