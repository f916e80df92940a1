import type { Ajv } from 'ajv';
import type { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { formatNames } from 'ajv-formats/dist/formats.js';
import { linearPattern } from './linear-pattern.js';
import { uniqueItems } from './unique-items.js';

/** The only format of ajv-formats whose expression takes more than linear time; RE2 cannot express it. */
export const quadraticFormat = 'url';

/** Options of an ajv whose patterns, and whose lists of errors, take linear time. */
export const linearCode = { code: { regExp: linearPattern, process: appendErrors } } as const;

/** A keyword of 2020-12 that ajv resolves, and does not know in its strict mode. */
const anchor = '$anchor';

/** Generated code of ajv that copies all errors so far, to add those of a schema that is referred to, or of a keyword such as `uniqueItems`. */
const copiedErrors = /\bvErrors\.concat\(([\w.]+)\)/g;

/** With `allErrors`, the copies of n errors take time in proportion to n². */
function appendErrors(code: string): string {
  return code.replaceAll(copiedErrors, '$1.reduce((all, error) => (all.push(error), all), vErrors)');
}

/** Adds formats and `uniqueItems` that take time in proportion to the value. */
export function boundAjv<Instance extends Ajv | Ajv2020>(ajv: Instance): Instance {
  addFormats.default(
    ajv,
    formatNames.filter((name) => name !== quadraticFormat),
  );
  ajv.addKeyword(anchor);
  ajv.removeKeyword(uniqueItems.keyword);
  ajv.addKeyword(uniqueItems);
  return ajv;
}
