import { z } from 'zod';
import { envLimit, envLimitBytes, envNameLimitChars } from './limits.ts';
import { addTooLarge, addWrong, utf8Length, whyNotStorable } from './storable-text.ts';

const namePattern = new RegExp(`^[A-Za-z_][A-Za-z0-9_]{0,${envNameLimitChars - 1}}$`);

/**
 * Names that steer Node, V8, its libraries or the loader, and those that say where the code lives. With glibc's own
 * list of what it ignores in programs that must be safe from their caller.
 */
const reservedPrefixes = [
  'NODE_', 'V8_', 'UV_', 'ICU', 'OPENSSL_', 'SSL_', 'LD_', 'DYLD_', 'RUNFLEET_',
  'GLIBC_', 'GCONV_', 'MALLOC_',
]; // prettier-ignore
const reservedNames = new Set([
  'HOME', 'TMPDIR', 'PATH',
  'GETCONF_DIR', 'HOSTALIASES', 'LOCALDOMAIN', 'LOCPATH', 'NIS_PATH', 'NLSPATH', 'RESOLV_HOST_CONF', 'RES_OPTIONS', 'TZDIR',
  // As a key of an object it is no name at all.
  '__proto__',
]); // prettier-ignore

/** The `env` of a submission. An object is read as it stands: `z.record` would pass over a key called `__proto__`. */
export const envSchema = z
  .custom<Record<string, string>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'Invalid input: expected an object of names and texts',
  )
  .superRefine((env, context) => {
    const entries = Object.entries(env);
    if (entries.length > envLimit) {
      addTooLarge(context, `env has ${entries.length} names; at most ${envLimit} are accepted`);
      return;
    }
    let bytes = 0;
    for (const [name, value] of entries) {
      const wrong = whyRefused(name, value);
      if (wrong === null) bytes += utf8Length(value);
      else addWrong(context, wrong, [name.slice(0, envNameLimitChars)]);
    }
    if (bytes > envLimitBytes) {
      addTooLarge(
        context,
        `env has ${bytes} bytes of UTF-8 in its values; at most ${envLimitBytes} are accepted`,
      );
    }
  });

function whyRefused(name: string, value: unknown): string | null {
  if (!namePattern.test(name)) {
    return `a name has letters, digits and "_", the first no digit, at most ${envNameLimitChars}`;
  }
  if (reservedNames.has(name) || reservedPrefixes.some((prefix) => name.startsWith(prefix))) {
    return `${name} is not a submission's to set`;
  }
  if (typeof value !== 'string') return `${name} must be text`;
  const wrong = whyNotStorable(value);
  return wrong === null ? null : `${name} ${wrong}`;
}
