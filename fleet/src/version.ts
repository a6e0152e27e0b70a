import manifest from '../package.json' with { type: 'json' };

/** Runfleet's version, as workers report it. */
export const version: string = manifest.version;
