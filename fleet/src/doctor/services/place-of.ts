/** Where a URL leads, without who goes there: a user and a password are no one's business. */
export function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host || 'a local socket'}${pathname === '/' ? '' : pathname}`;
}
