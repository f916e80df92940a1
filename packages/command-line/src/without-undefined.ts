type WithoutUndefined<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

/** The same without what is undefined, for settings that may be absent but not undefined. */
export function withoutUndefined<Values extends object>(values: Values): WithoutUndefined<Values> {
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as WithoutUndefined<Values>;
}
