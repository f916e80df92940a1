import { createRequire } from 'node:module';
import { maxJsonDepth } from '@preservarium/core';
import type { Document, LineCounter } from 'yaml';
import { DataError } from './json-data.js';

/** Seventy modules, which most programs do not need: they are loaded with the first text. */
const loadYaml = (): typeof import('yaml') => createRequire(import.meta.url)('yaml');

/** Largest YAML that is read, in bytes: a larger file is JSON. A megabyte takes about half a second. */
const maxYamlBytes = 4 * 1024 * 1024;

/** A level of the value may take two of the grammar. */
const maxGrammarLevels = 2 * maxJsonDepth;

/**
 * Returns the value of a YAML text, in time in proportion to its length. Warnings are not printed.
 *
 * @throws DataError
 */
export function readYamlData(text: string, { textOnly }: { readonly textOnly: boolean }): unknown {
  if (Buffer.byteLength(text) > maxYamlBytes) {
    throw new DataError(`is YAML of more than ${maxYamlBytes} bytes; write it as JSON`);
  }
  assertShallow(text);
  const { LineCounter, parseDocument } = loadYaml();
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    // By itself, yaml compares each key with all others of its map.
    uniqueKeys: false,
    // Else it prints warnings.
    logLevel: 'error',
    ...(textOnly && { schema: 'failsafe' }),
    lineCounter,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new DataError(error.message, {
      brief: `${error.code} in line ${error.linePos?.[0].line}`,
      cause: error,
    });
  }
  assertUniqueKeys(document, lineCounter);
  try {
    return document.toJS();
  } catch (cause) {
    // Too many aliases.
    throw new DataError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Stops at the limit: the composer of yaml recurses, and computes for long before its stack ends. */
function assertShallow(text: string): void {
  const { Lexer, Parser } = loadYaml();
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > maxGrammarLevels)
      throw new DataError(`is nested more than ${maxJsonDepth} levels deep`);
  }
}

function assertUniqueKeys(document: Document, lineCounter: LineCounter): void {
  const { isScalar, visit } = loadYaml();
  visit(document, {
    Map(_, { items }) {
      const names = new Set<unknown>();
      for (const { key } of items) {
        // yaml would print a warning.
        if (!isScalar(key)) throw new DataError('a key is not text');
        if (names.has(key.value)) {
          const { line, col } = lineCounter.linePos(key.range?.[0] ?? 0);
          throw new DataError(`Map keys must be unique at line ${line}, column ${col}`, {
            brief: `DUPLICATE_KEY in line ${line}`,
          });
        }
        names.add(key.value);
      }
    },
  });
}
