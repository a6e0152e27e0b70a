import type { ServerResponse } from 'node:http';
import type { Redis } from 'ioredis';
import { Refusal } from '../refusal.ts';
import { connectSubscriber } from './connect.ts';

/** A reader who lets this much pile up is cut off, rather than kept in the gateway's memory. */
const maxUnreadBytes = 1024 * 1024;

/** Each subscription has a connection of its own to Redis. */
const maxSubscriptions = 256;

/**
 * The open subscriptions. One ends when its client leaves, when Redis goes away, when the reader is too slow, or at `closeAll`; its
 * connection and its response end together.
 */
export class Subscriptions {
  readonly #redisUrl: string;
  readonly #open = new Set<{ redis: Redis; response: ServerResponse }>();
  #closing = false;

  constructor(redisUrl: string) {
    this.#redisUrl = redisUrl;
  }

  /**
   * Streams what is published on channels, or on channels that match patterns, as server-sent events in Upstash's words:
   * `subscribe,<channel>,<count>` and `message,<channel>,<text>`; `psubscribe,<pattern>,<count>` and `pmessage,<pattern>,<channel>,<text>`.
   * @throws Refusal 503 before anything is sent: too many subscriptions, or no Redis.
   */
  async stream(
    kind: 'subscribe' | 'psubscribe',
    channels: string[],
    response: ServerResponse,
  ): Promise<void> {
    if (this.#closing || this.#open.size >= maxSubscriptions)
      throw new Refusal(
        503,
        `UNAVAILABLE more than ${maxSubscriptions} subscriptions, or the gateway is closing`,
      );
    if (response.destroyed) return;
    const redis = connectSubscriber(this.#redisUrl);
    const subscription = { redis, response };
    this.#open.add(subscription);
    response.on('close', () => {
      this.#open.delete(subscription);
      redis.disconnect();
    });
    redis.on('message', (channel, text) => send(response, `message,${channel},${text}`));
    redis.on('pmessage', (pattern, channel, text) =>
      send(response, `pmessage,${pattern},${channel},${text}`),
    );
    try {
      await redis.connect();
      for (const [index, channel] of channels.entries()) {
        await redis[kind](channel);
        send(response, `${kind},${channel},${index + 1}`);
      }
    } catch {
      redis.disconnect();
      if (response.headersSent) response.end();
      else throw new Refusal(503, 'UNAVAILABLE Redis cannot be reached');
      return;
    }
    redis.once('end', () => response.end());
  }

  closeAll(): void {
    this.#closing = true;
    for (const { redis, response } of this.#open) {
      redis.disconnect();
      response.end();
    }
  }
}

function send(response: ServerResponse, data: string): void {
  if (response.destroyed || response.writableEnded) return;
  if (!response.headersSent)
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      // Else nginx keeps events back until its buffer is full.
      'x-accel-buffering': 'no',
    });
  response.write(
    `${data
      .split(/\r\n|\r|\n/)
      .map((line) => `data: ${line}\n`)
      .join('')}\n`,
  );
  if (response.writableLength > maxUnreadBytes) response.destroy();
}
