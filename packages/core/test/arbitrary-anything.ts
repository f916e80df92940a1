import fc from 'fast-check';

// Symbols are let through: fast-check asks for some when it prints a counterexample.
const hostile = fc.constantFrom<unknown>(
  new Proxy(
    {},
    {
      get(_, key) {
        if (typeof key === 'symbol') return undefined;
        throw new Error('a trap that throws');
      },
    },
  ),
  new Proxy(
    {},
    {
      ownKeys() {
        throw new RangeError('a trap that throws');
      },
    },
  ),
  Object.defineProperty({}, 'deviceId', {
    enumerable: true,
    get() {
      throw 'a getter that throws text';
    },
  }),
  () => undefined,
  Symbol('a symbol'),
);

const anything = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
      withNullPrototype: true,
      withBoxedValues: true,
    }),
  },
  { weight: 1, arbitrary: hostile },
);

/** Any value at all, hostile ones among them, and often an object with some of these fields. */
export function arbitraryAnything(fields: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const field = (name: string) => fc.oneof(fc.constant(fields[name]), anything);
  const record = fc.record(Object.fromEntries(Object.keys(fields).map((name) => [name, field(name)])), {
    requiredKeys: [],
  });
  return fc.oneof(anything, record);
}
