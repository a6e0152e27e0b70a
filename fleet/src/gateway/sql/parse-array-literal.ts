export type ArrayItem = string | null | ArrayItem[];

/**
 * Postgres' array output, `{1,"a \"b\"",NULL,{2}}`, → nested arrays of texts. Bounds (`[0:1]={…}`) are dropped: JSON has none.
 * https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export function parseArrayLiteral(literal: string): ArrayItem[] {
  let at = literal.indexOf('{');
  return parseArray();

  function parseArray(): ArrayItem[] {
    const items: ArrayItem[] = [];
    at += 1;
    while (literal[at] !== '}') {
      if (at >= literal.length) throw new Error('unbalanced array literal');
      if (literal[at] === ',') at += 1;
      items.push(parseItem());
    }
    at += 1;
    return items;
  }

  function parseItem(): ArrayItem {
    if (literal[at] === '{') return parseArray();
    if (literal[at] === '"') return parseQuoted();
    const from = at;
    while (at < literal.length && literal[at] !== ',' && literal[at] !== '}') at += 1;
    const word = literal.slice(from, at);
    return word === 'NULL' ? null : word;
  }

  function parseQuoted(): string {
    let text = '';
    for (at += 1; literal[at] !== '"'; at += 1) {
      if (at >= literal.length) throw new Error('unbalanced array literal');
      if (literal[at] === '\\') at += 1;
      text += literal[at];
    }
    at += 1;
    return text;
  }
}
