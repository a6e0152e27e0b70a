/** One thing that an installation puts in its place. */
export type Item =
  | { kind: 'directory'; path: string; mode: number }
  | { kind: 'file'; path: string; mode: number; content: Buffer }
  /** A file that is large or one of many: read only when it is compared or copied. */
  | { kind: 'copy'; path: string; mode: number; source: string }
  | { kind: 'link'; path: string; target: string };

/** What has to be done about an item. */
export type Change = 'none' | 'create' | 'replace';
