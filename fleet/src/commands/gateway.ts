import { Command, Option } from 'commander';
import { localGatewayToken, localPorts } from '@runfleet/shared/model/local-stack.ts';
import { startGateway } from '../gateway/index.ts';
import { createLogger, type LogLevel } from '../log.ts';
import { databaseUrlOption, logLevelOption, redisUrlOption, wholeNumber } from './options.ts';
import { untilToldToStop } from './until-told-to-stop.ts';

interface GatewayOptions {
  host: string;
  port: number;
  token: string;
  redisUrl: string;
  databaseUrl: string;
  maxConnections: number;
  logLevel: LogLevel;
}

export const gatewayCommand = new Command('gateway')
  .description(
    "speak Upstash's REST in front of any Redis, and Neon's SQL over HTTP in front of any Postgres",
  )
  .addOption(
    new Option('--host <address>', 'address to listen on').env('RUNFLEET_GATEWAY_HOST').default('127.0.0.1'),
  )
  .addOption(
    new Option('--port <port>', 'port to listen on')
      .env('RUNFLEET_GATEWAY_PORT')
      .default(localPorts.gateway)
      .argParser(wholeNumber(0, 65535)),
  )
  .addOption(
    new Option('--token <token>', 'what clients of Redis must present; set it, beyond loopback')
      .env('RUNFLEET_GATEWAY_TOKEN')
      .default(localGatewayToken, "the local stack's"),
  )
  .addOption(redisUrlOption())
  .addOption(databaseUrlOption())
  .addOption(
    new Option('--max-connections <n>', 'connections to Postgres')
      .env('RUNFLEET_GATEWAY_MAX_CONNECTIONS')
      .default(10)
      .argParser(wholeNumber(1, 1000)),
  )
  .addOption(logLevelOption())
  .action(async ({ logLevel, ...config }: GatewayOptions) => {
    const logger = createLogger('gateway', logLevel);
    const gateway = await startGateway({ ...config, logger });
    logger.info({ event: 'ready', url: gateway.url });
    const status = () => {
      const { redisRequests, sqlRequests } = gateway.counts();
      return `${redisRequests} requests for Redis, ${sqlRequests} for Postgres`;
    };
    await untilToldToStop(
      { drain: () => gateway.close(), status, isAlive: () => true, stopTimeoutMs: 30_000 },
      logger,
    );
  });
