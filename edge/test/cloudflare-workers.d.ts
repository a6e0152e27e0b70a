/** The part of workerd's own module that the tests use; its full types would replace Node's globals everywhere. */
declare module 'cloudflare:workers' {
  /** The Worker under test, called as the platform calls it: each request with an I/O context of its own. */
  export const exports: { default: { fetch(request: Request): Promise<Response> } };
  /** The Worker's own bindings. */
  export const env: Record<string, unknown>;
}
