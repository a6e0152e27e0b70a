/**
 * API keys: `rf_<id>_<secret>`, 16 and 64 lowercase hexadecimal digits. The id finds the row, the secret proves the
 * right to it; only the secret's SHA-256 is stored.
 */
const keyPattern = /^rf_([0-9a-f]{16})_([0-9a-f]{64})$/;

export interface ApiKeyParts {
  id: string;
  secret: string;
}

/** The parts of a key, or null for anything that is not one. */
export function parseApiKey(key: string): ApiKeyParts | null {
  const [, id, secret] = keyPattern.exec(key) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

export function formatApiKey({ id, secret }: ApiKeyParts): string {
  return `rf_${id}_${secret}`;
}

/** A new key with 256 random bits in its secret. */
export function makeApiKey(): ApiKeyParts {
  return { id: randomHex(8), secret: randomHex(32) };
}

export async function hashSecret(secret: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret)));
}

function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
}

/** Who owns what is submitted without a key, where that is allowed. */
export const openTenantId = 'local';
