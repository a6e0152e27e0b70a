import type { FieldDef } from 'pg';
import { parseArrayLiteral, type ArrayItem } from './parse-array-literal.ts';

/** Writes the text of a cell as JSON text. */
type CellEncoder = (text: string) => string;

/** A row of Postgres texts → one line of JSON: an array, or an object in which the last of equally named columns wins. */
export type RowEncoder = (cells: (string | null)[]) => string;

export function rowEncoder(fields: FieldDef[], rawText: boolean, arrayMode: boolean): RowEncoder {
  const encoders = fields.map((field): CellEncoder =>
    rawText ? JSON.stringify : typedEncoder(field.dataTypeID),
  );
  const encodeCell = (cell: string | null, index: number) =>
    cell === null ? 'null' : encoders[index]!(cell);
  if (arrayMode) return (cells) => `[${cells.map(encodeCell).join(',')}]`;
  const names = fields.map((field) => JSON.stringify(field.name));
  return (cells) => `{${cells.map((cell, index) => `${names[index]}:${encodeCell(cell, index)}`).join(',')}}`;
}

const bool = 16;
const int2 = 21;
const int4 = 23;
const json = 114;
const float4 = 700;
const float8 = 701;
const jsonb = 3802;

/** Array type → its element's; only of types that are not written as text anyway, and text itself. */
const elementTypes = new Map([
  [1000, bool],
  [1005, int2],
  [1007, int4],
  [1021, float4],
  [1022, float8],
  [199, json],
  [3807, jsonb],
  ...[1001, 1009, 1014, 1015, 1016, 1115, 1182, 1183, 1185, 1231, 2951].map((array) => [array, 25] as const),
]);

/** Neon's typed output (its proxy's json.rs): what a JSON number holds exactly is a number; bigints, numerics and dates stay text. */
function typedEncoder(type: number): CellEncoder {
  const element = elementTypes.get(type);
  if (element !== undefined) {
    const encodeElement = typedEncoder(element);
    const encodeItem = (item: ArrayItem): string =>
      item === null
        ? 'null'
        : Array.isArray(item)
          ? `[${item.map(encodeItem).join(',')}]`
          : encodeElement(item);
    return (text) => encodeItem(parseArrayLiteral(text));
  }
  switch (type) {
    case bool:
      return (text) => String(text === 't');
    case int2:
    case int4:
      return (text) => text;
    case float4:
    case float8:
      // NaN and the infinities are no JSON numbers.
      return (text) => (Number.isFinite(Number(text)) ? text : JSON.stringify(text));
    case json:
    case jsonb:
      return (text) => text;
    default:
      return (text) => JSON.stringify(text);
  }
}
