import type { FuncKeywordDefinition, SchemaValidateFunction } from 'ajv';

const keyword = 'uniqueItems';

const validate: SchemaValidateFunction = (wanted: boolean, items: readonly unknown[]) => {
  if (!wanted) return true;
  const indexes = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const text = canonicalJson(item);
    const earlier = indexes.get(text);
    if (earlier !== undefined) {
      const message = `must NOT have duplicate items (items ## ${earlier} and ${index} are identical)`;
      validate.errors = [{ keyword: keyword, message, params: { i: index, j: earlier } }];
      return false;
    }
    indexes.set(text, index);
  }
  return true;
};

/** `uniqueItems` in time proportional to the size of the items. That of ajv compares each item with each other one. */
export const uniqueItems = {
  keyword,
  type: 'array',
  schemaType: 'boolean',
  errors: true,
  validate,
} as const satisfies FuncKeywordDefinition;

/** Equal for equal values: the names of objects are sorted. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join()}}`;
}
