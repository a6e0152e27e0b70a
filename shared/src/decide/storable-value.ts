import { valueDepthLimit, valueLimitBytes, valueNoteLimitChars } from '../model/limits.ts';
import type { TaskValue } from '../model/outcome.ts';

/**
 * Decides whether a value can be stored and shown; what cannot becomes a note. The JSON comes from a process in which code
 * of anybody ran, so whatever it is, an attempt's outcome must not fail because of it.
 */
export function storableValue(value: TaskValue | null): TaskValue | null {
  if (value === null) return null;
  if ('note' in value) return note(value.note);
  const bytes = new TextEncoder().encode(value.json).length;
  if (bytes > valueLimitBytes) {
    return note(`The value has ${bytes} bytes of JSON; at most ${valueLimitBytes} are kept.`);
  }
  if (depthOf(value.json) > valueDepthLimit) {
    return note(`The value is nested more than ${valueDepthLimit} deep.`);
  }
  return isJson(value.json) ? value : note('The value could not be read back as JSON.');
}

function note(text: string): TaskValue {
  const storable = text.slice(0, valueNoteLimitChars).replaceAll('\0', '\uFFFD').toWellFormed();
  return { note: storable };
}

/** How deep the lists and objects of a JSON text are nested, found without recursion. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (inText) {
      if (character === '\\') index += 1;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, (depth += 1));
    else if (character === ']' || character === '}') depth -= 1;
  }
  return deepest;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
