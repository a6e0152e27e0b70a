type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A JSON parameter in Postgres' text form: an array becomes an array literal, an object its JSON text, null is null. */
export function paramText(value: Json): string | null {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return arrayLiteral(value);
  return JSON.stringify(value);
}

function arrayLiteral(values: Json[]): string {
  return `{${values.map(arrayElement).join(',')}}`;
}

function arrayElement(value: Json): string {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return arrayLiteral(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
