import type { Ajv } from 'ajv';
import type { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { formatNames } from 'ajv-formats/dist/formats.js';
import { linearPattern } from './linear-pattern.js';
import { uniqueItems } from './unique-items.js';

/** The only format of ajv-formats whose expression takes more than linear time; RE2 cannot express it. */
export const quadraticFormat = 'url';

/** Options of an ajv whose patterns take linear time. */
export const linearCode = { code: { regExp: linearPattern } } as const;

/** A keyword of 2020-12 that ajv resolves, and does not know in its strict mode. */
const anchor = '$anchor';

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
