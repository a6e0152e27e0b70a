/** Test files that wipe Redis, or look at what all reconciles share there: each has a Redis database of its own, at most 16. */
export const redisOwners = [
  'dispatch-due',
  'expire-queued',
  'lose-gone-workers',
  'lose-overdue',
  'reconcile',
  'remove-expired',
  'submit-task',
  'upstash-client',
] as const;

export type RedisOwner = (typeof redisOwners)[number];
