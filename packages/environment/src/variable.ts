import type { z } from 'zod';

/** A variable that is read: its rule, and what is said about it in messages and in the documentation. */
export interface Variable {
  /** Turns its text, or `undefined` where it is not set, into its value, or says what is wrong. */
  readonly rule: z.ZodType<unknown, string | undefined>;
  /** One sentence of Markdown. */
  readonly meaning: string;
  /** A value that works, which errors and the documentation show; with `file`, the path of a file. */
  readonly example: string;
  /** With `file`, a value that works without one; shown in place of the path. */
  readonly valueExample?: string;
  /** Description of the default. Default: none. */
  readonly otherwise?: string;
  /** Older names of the same variable. */
  readonly aliases?: readonly string[];
  /** Its value may be in a file that `<NAME>_FILE` names. */
  readonly file?: true;
  /** Its value stays out of messages. */
  readonly secret?: true;
}

/** Variables by name. */
export type Variables = Readonly<Record<string, Variable>>;

/** The values that the rules return. */
export type VariableValues<Table extends Variables> = {
  readonly [Name in keyof Table]: z.output<Table[Name]['rule']>;
};

/** `NAME=value` as it may be written, for an error to show. */
export function exampleOf(name: string, { example, valueExample, file }: Variable): string {
  if (valueExample !== undefined) return `${name}=${valueExample}`;
  return `${name}${file ? '_FILE' : ''}=${example}`;
}
