import { ConfigurationError } from '@preservarium/core';
import { exampleOf, type Variable, type Variables } from './variable.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One place where variables are set. */
export interface Source {
  /** Where that is, for messages; empty for the environment itself. */
  readonly place: string;
  readonly variables: Environment;
  /** True: `<NAME>_FILE` is an error here. Default: false. */
  readonly refusesFiles?: true;
}

interface FoundValue {
  readonly text: string;
  /** The name under which it was found, and where. */
  readonly foundAs: string;
  /** True if `<NAME>_FILE` names the file that has it. */
  readonly isInFile: boolean;
}

export type FoundValues = ReadonlyMap<string, FoundValue>;

/**
 * Finds each variable in the first source that has it, under its name, an alias or `<NAME>_FILE`. An empty value counts as
 * unset.
 *
 * @throws ConfigurationError if one source has two different values, or a file cannot be read
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
  if (source.refusesFiles && spellings.includes(fileName)) {
    throw new ConfigurationError(
      `${fileName}${source.place} is refused: a file of variables must not name other files; set ${fileName} in the environment`,
    );
  }
  const text = source.variables[first] ?? '';
  const other = others.find((spelling) => spelling === fileName || source.variables[spelling] !== text);
  if (other !== undefined) {
    throw new ConfigurationError(
      `${first} and ${other}${source.place} say different things about the same setting; keep one, for example ${exampleOf(name, variable)}`,
    );
  }
  if (first !== fileName) return { text, foundAs: `${first}${source.place}`, isInFile: false };
  const foundAs = `${fileName}${source.place}`;
  return {
    text: readValueFile(text, { foundAs, name, variable }, readFile),
    foundAs: `${foundAs}, the file ${text},`,
    isInFile: true,
  };
}

interface FileVariable {
  readonly foundAs: string;
  readonly name: string;
  readonly variable: Variable;
}

function readValueFile(
  path: string,
  { foundAs, name, variable }: FileVariable,
  readFile: (path: string) => string,
): string {
  let content: string;
  try {
    content = readFile(path).trim();
  } catch (cause) {
    throw unreadableFile(path, { foundAs, name, variable }, cause);
  }
  if (content === '') {
    throw new ConfigurationError(
      `${foundAs} names the file ${path}, which is empty; for example ${exampleOf(name, variable)}`,
    );
  }
  return content;
}

/** The path, and the cause that has it, stay out of the error where the secret itself may stand in place of its path. */
function unreadableFile(
  path: string,
  { foundAs, name, variable }: FileVariable,
  cause: unknown,
): ConfigurationError {
  const example = `; for example ${name}_FILE=${variable.example}`;
  if (variable.secret || /[\r\n]/.test(path)) {
    const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
    return new ConfigurationError(
      `${foundAs} must be the path of a file that holds the value, and cannot be read${code}${example}`,
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ConfigurationError(
    `${foundAs} names the file ${path}, which cannot be read: ${reason}${example}`,
    {
      cause,
    },
  );
}
