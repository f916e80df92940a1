import { ConfigurationError } from '@preservarium/core';
import { exampleOf, type Variable, type Variables } from './variable.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One place where variables are set. */
export interface Source {
  /** Where that is, for messages; empty for the environment itself. */
  readonly place: string;
  readonly variables: Environment;
}

interface FoundValue {
  readonly text: string;
  /** The name under which it was found, and where. */
  readonly foundAs: string;
}

export type FoundValues = ReadonlyMap<string, FoundValue>;

/**
 * Finds each variable in the first source that has it, under its name, an alias or `<NAME>_FILE`. An empty value is the
 * same as none.
 *
 * @throws ConfigurationError where one source says two different things, or a file cannot be read
 */
export function findValues(
  variables: Variables,
  sources: readonly Source[],
  readFile: (path: string) => string,
): FoundValues {
  const found = new Map<string, FoundValue>();
  for (const [name, variable] of Object.entries(variables)) {
    for (const source of sources) {
      const value = findIn(source, name, variable, readFile);
      if (value === undefined) continue;
      found.set(name, value);
      break;
    }
  }
  return found;
}

function findIn(
  source: Source,
  name: string,
  variable: Variable,
  readFile: (path: string) => string,
): FoundValue | undefined {
  const { aliases = [], file } = variable;
  const fileName = `${name}_FILE`;
  const spellings = [name, ...aliases, ...(file ? [fileName] : [])].filter(
    (spelling) => source.variables[spelling],
  );
  const [first, ...others] = spellings;
  if (first === undefined) return undefined;
  const text = source.variables[first] ?? '';
  const other = others.find((spelling) => spelling === fileName || source.variables[spelling] !== text);
  if (other !== undefined) {
    throw new ConfigurationError(
      `${first} and ${other}${source.place} say different things about the same setting; keep one, for example ${exampleOf(name, variable)}`,
    );
  }
  if (first !== fileName) return { text, foundAs: `${first}${source.place}` };
  const foundAs = `${fileName}${source.place}`;
  return {
    text: readSecret(text, { foundAs, example: exampleOf(name, variable) }, readFile),
    foundAs: `${foundAs}, the file ${text},`,
  };
}

function readSecret(
  path: string,
  { foundAs, example }: { readonly foundAs: string; readonly example: string },
  readFile: (path: string) => string,
): string {
  let content: string;
  try {
    content = readFile(path).trim();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(
      `${foundAs} names the file ${path}, which cannot be read: ${reason}; for example ${example}`,
      { cause },
    );
  }
  if (content === '') {
    throw new ConfigurationError(`${foundAs} names the file ${path}, which is empty; for example ${example}`);
  }
  return content;
}
