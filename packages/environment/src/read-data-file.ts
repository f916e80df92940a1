import { maxJsonDepth } from '@preservarium/core';
import { DataError, readJsonData } from './json-data.js';
import { readTextFile } from './read-text-file.js';
import { readYamlData } from './yaml-data.js';

export interface ReadDataFileOptions {
  /** Gives all scalars as text: YAML would else read the name `007` as a number. Default: false. */
  readonly textOnly?: boolean;
}

/**
 * Returns the content of a file that an operator gives, in JSON or YAML. A file that begins with `[`, or with `{` and a text, is JSON; YAML
 * takes longer, and is bounded by `maxYamlBytes`.
 *
 * @throws DataError when the text is neither, names a key twice, or is nested more than 64 levels deep; Error when the file cannot be read
 */
export function readDataFile(path: string, { textOnly = false }: ReadDataFileOptions = {}): unknown {
  const text = readTextFile(path);
  const value = /^\s*(\[|\{\s*["}])/.test(text) ? readJsonData(text) : readYamlData(text, { textOnly });
  return withinDepth(value, textOnly);
}

/** Goes through the value once; with `textOnly`, makes texts of the other scalars. */
function withinDepth(value: unknown, textOnly: boolean, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return textOnly ? String(value) : value;
  if (depth >= maxJsonDepth) throw new DataError(`is nested more than ${maxJsonDepth} levels deep`);
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    const member = members[name];
    const kept = withinDepth(member, textOnly, depth + 1);
    if (kept === member) continue;
    Object.defineProperty(members, name, {
      value: kept,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return value;
}
