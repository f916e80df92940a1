import { ConfigurationError, formatPath } from '@preservarium/core';
import { Ajv2020, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { boundAjv, linearCode, quadraticFormat } from './bound-ajv.js';
import type { JsonSchema } from './device-type.js';
import { closestName } from './did-you-mean.js';
import { PatternRefusal } from './linear-pattern.js';
import { schemaIssues } from './schema-issues.js';
import { excessOf } from './value-bounds.js';

type Path = readonly (string | number)[];

const draft = 'https://json-schema.org/draft/2020-12/schema';
/** Compiles the schema of schemas at its first use, which takes longer than all else here. */
const schemaOfSchemas = new Ajv2020({ ...linearCode, allErrors: true, verbose: true });

/** Values up to which all errors are looked for, which takes a hundred times as long as to find the first one. */
const maxExplainedValues = 10_000;

/** A compiled schema. */
export interface SchemaCheck {
  fits(value: unknown): boolean;
  /** Returns the errors of a value; none where it fits, and the first one alone where it has more than 10,000 values. */
  errorsOf(value: unknown): readonly ErrorObject[];
}

/**
 * A function that compiles JSON Schemas 2020-12. An unknown keyword or format is a mistake, not ignored; `readSchema` takes those away that are to be
 * ignored. References lead to the same schema only; nothing is fetched.
 *
 * @param options.isStrict true: so is a keyword without the `type` that it is for, and a tuple without limits
 * @returns throws ConfigurationError that names `what`, the place and the mistake
 */
export function createSchemaCompiler(
  what: string,
  { isStrict = false }: { readonly isStrict?: boolean } = {},
): (schema: JsonSchema, place: Path) => SchemaCheck {
  const options = {
    ...linearCode,
    strict: true,
    strictTypes: isStrict,
    strictTuples: isStrict,
    strictRequired: false,
    allowUnionTypes: true,
    verbose: true,
    // Each was checked before.
    validateSchema: false,
    logger: false,
  } as const;
  const first = boundAjv(new Ajv2020(options));
  /** Created where a value does not fit: most do. */
  let all: Ajv2020 | undefined;

  function refuse(path: Path, message: string, cause?: unknown): ConfigurationError {
    return new ConfigurationError(`${what}: ${formatPath(path)}: ${message}`, { cause });
  }

  function checkForm(schema: AnySchemaObject, place: Path): void {
    if ('$async' in schema) throw refuse([...place, '$async'], 'is not a keyword of JSON Schema 2020-12');
    if (schema.$schema !== undefined && schema.$schema !== draft) {
      throw refuse([...place, '$schema'], `must be absent or "${draft}", the draft that is read`);
    }
    if (schemaOfSchemas.validateSchema(schema)) return;
    const issues = schemaIssues(schemaOfSchemas.errors ?? [], place);
    const problems = issues.map(({ path, message }) => `${path}: ${message}`);
    throw new ConfigurationError(`${what}: ${problems.join('; ')}`);
  }

  function compile(ajv: Ajv2020, schema: JsonSchema, place: Path): ValidateFunction {
    try {
      return ajv.compile(schema);
    } catch (error) {
      if (error instanceof PatternRefusal) {
        throw refuse([...place, ...(pathOf(isPattern(error.pattern), schema) ?? [])], error.message, error);
      }
      const message = error instanceof Error ? error.message : String(error);
      if (message.startsWith(`unknown format "${quadraticFormat}"`)) {
        const path = pathOf((name, value) => name === 'format' && value === quadraticFormat, schema) ?? [];
        throw refuse(
          [...place, ...path],
          `"${quadraticFormat}" cannot be checked in linear time; use "uri"`,
          error,
        );
      }
      if (message.startsWith("can't resolve reference")) {
        throw refuse(
          place,
          `${message}; a reference leads into the same schema, as "#/$defs/color" does`,
          error,
        );
      }
      const keyword = /unknown keyword: "(.*)"/.exec(message)?.[1];
      if (keyword === undefined) throw refuse(place, message, error);
      const meant = closestName(keyword, Object.keys(ajv.RULES.keywords));
      const question = meant === undefined ? '' : `; did you mean "${meant}"?`;
      throw refuse(
        [...place, ...(pathOf((name) => name === keyword, schema) ?? [])],
        `is no keyword of JSON Schema${question}`,
        error,
      );
    } finally {
      // Another schema may have the same $id.
      if (typeof schema === 'object') ajv.removeSchema(schema);
    }
  }

  return (schema, place) => {
    if (typeof schema === 'object') checkForm(schema, place);
    const fits = compile(first, schema, place);
    let explain: ValidateFunction | undefined;
    return {
      fits,
      errorsOf(value) {
        if (fits(value)) return [];
        if (excessOf(value, maxExplainedValues) !== undefined) return fits.errors ?? [];
        all ??= boundAjv(new Ajv2020({ ...options, allErrors: true }));
        explain ??= compile(all, schema, place);
        explain(value);
        return explain.errors ?? [];
      },
    };
  };
}

function isPattern(pattern: string) {
  return (name: string, value: unknown) => (name === 'pattern' ? value === pattern : name === pattern);
}

/** The way to the first member that is meant; ajv does not say it of a keyword or a pattern. */
function pathOf(isMeant: (name: string, value: unknown) => boolean, value: unknown): Path | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const members = Object.entries(value);
  if (!Array.isArray(value)) {
    const found = members.find(([name, member]) => isMeant(name, member));
    if (found !== undefined) return [found[0]];
  }
  for (const [step, nested] of members) {
    const path = pathOf(isMeant, nested);
    if (path !== undefined) return [Array.isArray(value) ? Number(step) : step, ...path];
  }
  return undefined;
}
