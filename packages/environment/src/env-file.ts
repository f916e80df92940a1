import { parseEnv } from 'node:util';
import { ConfigurationError } from '@preservarium/core';
import { z } from 'zod';
import type { Environment } from './find-values.js';
import type { Variables } from './variable.js';

/** The variable that names a file of variables. It is read from flags and the environment. */
export const envFileVariables = {
  PUSHER_ENV_FILE: {
    rule: z.string().optional(),
    meaning: 'File of variables, in the form of `.env`, for what the environment does not set.',
    example: '.env',
    otherwise: 'no file is read',
  },
} as const satisfies Variables;

/** `NAME=text#more`: a shell and Docker Compose keep all of it, while `parseEnv` and dotenv take `#more` for a comment. */
const ambiguousLine = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=(?![ \t]*["'`])([^\r\n#]*)(?<!\s)#/gm;

/**
 * Reads a file of variables: `NAME=value` lines, optionally with `export`, quotes, comments, CRLF and a byte order mark.
 *
 * @throws ConfigurationError if the file cannot be read, or a value without quotes has a `#` that may be part of it
 */
export function readEnvFile(path: string, readFile: (path: string) => string): Environment {
  let text: string;
  try {
    text = readFile(path).replace(/^\uFEFF/, '');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(
      `cannot read the file of variables ${path}: ${reason}; name a file that can be read, or none`,
      { cause },
    );
  }
  const variables = parseEnv(text);
  for (const [, name = '', value = ''] of text.matchAll(ambiguousLine)) {
    // A line within a quoted value only looks like a variable.
    if (variables[name] !== value.trim()) continue;
    throw new ConfigurationError(
      `${name} (in ${path}) has a # in a value without quotes: write ${name}="..." if it is part of the value, or a space before it if it begins a comment`,
    );
  }
  return variables;
}
