import type { Logger } from 'pino';

export interface GatewayConfig {
  /** Address to listen on; default 127.0.0.1. */
  host?: string;
  /** Port to listen on; 0 takes any that is free. */
  port: number;
  /** Bearer token of the Redis side; beyond loopback at least 16 characters. The SQL side's credential is databaseUrl's password. */
  token: string;
  /** redis:// or rediss:// URL. */
  redisUrl: string;
  /** postgresql:// URL with a user, a password and a database. */
  databaseUrl: string;
  /** A larger request body is answered 413; default 16 MiB. */
  maxBodyBytes?: number;
  /** Larger rows of one SQL request, as JSON, are answered 507; default 64 MiB, which is Neon's bound. */
  maxResponseBytes?: number;
  /** Connections to each database; default 10. */
  maxConnections?: number;
  logger?: Logger;
}

export type CheckedConfig = Required<Omit<GatewayConfig, 'logger'>> & { logger: Logger | undefined };

const minTokenChars = 16;

/**
 * Fills in the defaults and refuses what would start an open or a useless gateway.
 * @throws Error with a message for the operator, without any of the secrets.
 */
export function checkConfig(config: GatewayConfig): CheckedConfig {
  const host = config.host ?? '127.0.0.1';
  // An empty token is refused on loopback too: any page in a browser of this machine can reach loopback.
  if (config.token === '') throw new Error('gateway: the token is empty');
  if (!isLoopback(host)) {
    if (config.token.length < minTokenChars)
      throw new Error(
        `gateway: to listen on ${host}, which is not loopback, the token needs at least ${minTokenChars} characters`,
      );
    if (parseUrl('databaseUrl', config.databaseUrl).password === '')
      throw new Error(
        `gateway: to listen on ${host}, which is not loopback, databaseUrl needs a password: it is the credential of /sql`,
      );
  }
  requireScheme('redisUrl', config.redisUrl, ['redis:', 'rediss:']);
  requireScheme('databaseUrl', config.databaseUrl, ['postgres:', 'postgresql:']);
  return {
    host,
    port: config.port,
    token: config.token,
    redisUrl: config.redisUrl,
    databaseUrl: config.databaseUrl,
    maxBodyBytes: config.maxBodyBytes ?? 16 * 1024 * 1024,
    maxResponseBytes: config.maxResponseBytes ?? 64 * 1024 * 1024,
    maxConnections: config.maxConnections ?? 10,
    logger: config.logger,
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function requireScheme(name: string, text: string, schemes: string[]): void {
  if (!schemes.includes(parseUrl(name, text).protocol))
    throw new Error(
      `gateway: ${name} must begin with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
    );
}

function parseUrl(name: string, text: string): URL {
  // The text is not shown: it holds a password.
  if (!URL.canParse(text)) throw new Error(`gateway: ${name} is not a valid URL`);
  return new URL(text);
}
