import type { z } from 'zod';

/** A table that has a wire name and a schema for each field of a model. */
export type FieldTable = Readonly<Record<string, { readonly wireName: string; readonly model: z.ZodType }>>;

/** A table that describes each field on the wire as well. */
export type EnvelopeFieldTable = Readonly<
  Record<string, { readonly wireName: string; readonly model: z.ZodType; readonly envelope: z.ZodType }>
>;

/** The names on the wire of the fields of a table. */
export type WireNameOf<Table extends FieldTable> = Table[keyof Table]['wireName'];

/** Returns the shape of a zod object with the table's fields. */
export function modelShape<Table extends FieldTable>(
  table: Table,
): { -readonly [Field in keyof Table]: Table[Field]['model'] } {
  const entries = Object.entries(table).map(([field, { model }]) => [field, model]);
  return Object.fromEntries(entries) as never;
}

/** Returns the shape of a zod object with the names that the table's fields have on the wire. */
export function envelopeShape<Table extends EnvelopeFieldTable>(
  table: Table,
): { -readonly [Field in keyof Table as Table[Field]['wireName']]: Table[Field]['envelope'] } {
  const entries = Object.values(table).map(({ wireName, envelope }) => [wireName, envelope]);
  return Object.fromEntries(entries) as never;
}
