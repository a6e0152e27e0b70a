/** Where the local stack's services listen, and so what every part connects to when it is told nothing else. */
export const localPorts = { edge: 3000, gateway: 3010, postgres: 3011, redis: 3012 } as const;

export const localDatabaseUrl = `postgres://runfleet:runfleet@127.0.0.1:${localPorts.postgres}/runfleet`;
export const localRedisUrl = `redis://127.0.0.1:${localPorts.redis}`;
export const localGatewayToken = 'runfleet-local';
