const mib = 1024 * 1024;

/** `1.5 GiB` or `12 MiB`. */
export function formatBytes(bytes: number): string {
  return bytes >= 1024 * mib ? `${(bytes / mib / 1024).toFixed(1)} GiB` : `${Math.floor(bytes / mib)} MiB`;
}
