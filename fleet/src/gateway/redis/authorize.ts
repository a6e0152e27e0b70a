import type { IncomingMessage } from 'node:http';
import { Refusal } from '../refusal.ts';
import { sameSecret } from '../same-secret.ts';

/** Refuses with 401 a request that has the token neither as `Authorization: Bearer` nor as `?_token=`. */
export function authorizeRedis(request: IncomingMessage, url: URL, token: string): void {
  const bearer = /^bearer (.*)$/i.exec(request.headers.authorization ?? '')?.[1];
  const given = bearer ?? url.searchParams.get('_token') ?? '';
  if (!sameSecret(given, token)) throw new Refusal(401, 'WRONGPASS invalid or missing auth token');
}
