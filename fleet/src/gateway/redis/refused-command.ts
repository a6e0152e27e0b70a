/** They hold the shared connection until something happens elsewhere, and every other request with it. */
const blocking = commands('BLPOP BRPOP BRPOPLPUSH BLMOVE BLMPOP BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF');

/** They change what the next command on the connection means, and the next command is somebody else's. */
const connectionState = commands(
  'AUTH HELLO SELECT CLIENT RESET QUIT MULTI EXEC DISCARD WATCH UNWATCH ASKING READONLY READWRITE ' +
    'SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE MONITOR SYNC PSYNC REPLCONF',
);

/** The token lets its holder use the data, not the machine that Redis runs on. */
const administration = commands(
  'SHUTDOWN DEBUG CONFIG ACL MODULE REPLICAOF SLAVEOF FAILOVER CLUSTER MIGRATE SAVE BGSAVE BGREWRITEAOF SWAPDB',
);

/**
 * Why a command may not go to Redis over REST, or undefined when it may.
 * @param name in upper case.
 */
export function refusedCommand(name: string, args: readonly (string | Buffer)[]): string | undefined {
  if (blocking.has(name) || blocks(name, args))
    return `ERR ${name} blocks, and blocking commands are not available over REST`;
  if (connectionState.has(name))
    return `ERR ${name} changes the state of a connection, and connections are shared over REST${instead(name)}`;
  if (administration.has(name)) return `ERR ${name} administers the server and is not available over REST`;
  return undefined;
}

function blocks(name: string, args: readonly (string | Buffer)[]): boolean {
  if (name !== 'XREAD' && name !== 'XREADGROUP') return false;
  for (const arg of args) {
    const word = arg.toString().toUpperCase();
    if (word === 'BLOCK') return true;
    // What follows are keys and ids, and a key may be named "block".
    if (word === 'STREAMS') return false;
  }
  return false;
}

function instead(name: string): string {
  if (name === 'MULTI' || name === 'EXEC') return '; use /multi-exec';
  if (name === 'SUBSCRIBE' || name === 'PSUBSCRIBE') return `; use /${name.toLowerCase()}/<channel>`;
  return '';
}

function commands(names: string): ReadonlySet<string> {
  return new Set(names.split(' '));
}
