/**
 * How many bytes a text in base64 stands for. Null when it is not strictly base64: another alphabet, white space, missing
 * padding, or bits in the last character that stand for nothing.
 */
export function base64Length(text: string): number | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.slice(0, text.length - padding);
  // Looks for one that does not belong: to match all of a megabyte would take a stack as deep.
  if (/[^A-Za-z0-9+/]/.test(digits)) return null;
  if (padding === 2 && !/[AQgw]$/.test(digits)) return null;
  if (padding === 1 && !/[AEIMQUYcgkosw048]$/.test(digits)) return null;
  return (text.length / 4) * 3 - padding;
}
