import fc, { type Arbitrary } from 'fast-check';

const controls = '\u0000\u001b[2J\u009b\u202e\u2028';

/** Texts that parsers, paths, terminals and objects treat in a way of their own. */
const knownTexts: readonly string[] = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  '../../etc',
  '..%2f',
  '%',
  '#',
  '+',
  '/',
  '\ud800',
  controls,
  'devices/#',
  'x'.repeat(257),
  'é'.repeat(5_000),
  'a'.repeat(100_000),
];

export const text: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(...knownTexts.slice(0, -2)) },
);

export const bytes: Arbitrary<Buffer> = fc.uint8Array({ maxLength: 120 }).map((array) => Buffer.from(array));

const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown;

/** Values that are large in one of the ways in which JSON can be. */
const largeValues: readonly unknown[] = [
  nested(65),
  nested(900),
  'x'.repeat(70_000),
  Array(20_000).fill(1e20),
  Array(8_000).fill({ a: -1e-300 }),
  Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`name ${index}`, index])),
];

const anyValue: Arbitrary<unknown> = fc.oneof(
  { weight: 60, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 30, arbitrary: text },
  {
    weight: 30,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1.5,
      1e300,
      2 ** 53,
      4_102_444_800,
      '2026-01-31T12:00:00Z',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(...largeValues) },
);

/** An object with some of these fields, a few of them wrong, and sometimes others. */
export function objectLike(fields: Readonly<Record<string, Arbitrary<unknown>>>): Arbitrary<object> {
  // About one in three objects has a field that is wrong.
  const weight = 3 * Object.keys(fields).length;
  const some = Object.entries(fields).map(([name, arbitrary]) => [
    name,
    fc.oneof({ weight, arbitrary }, { weight: 1, arbitrary: anyValue }),
  ]);
  const others = fc.oneof(
    { weight: 9, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.dictionary(text, anyValue, { maxKeys: 3 }) },
  );
  return fc
    .tuple(
      fc.oneof(
        { weight: 3, arbitrary: fc.record(Object.fromEntries(some)) },
        { weight: 1, arbitrary: fc.record(Object.fromEntries(some), { requiredKeys: [] }) },
      ),
      others,
    )
    .map(([known, unknown]) => ({ ...known, ...unknown }));
}

/** JSON of such an object in bytes: mostly whole, sometimes cut, changed, or something else altogether. */
export function jsonLike(fields: Readonly<Record<string, Arbitrary<unknown>>>): Arbitrary<Buffer> {
  const whole = objectLike(fields).map((object) => Buffer.from(JSON.stringify(object)));
  return fc.oneof(
    { weight: 60, arbitrary: whole },
    { weight: 15, arbitrary: broken(whole) },
    { weight: 10, arbitrary: anyValue.map((value) => Buffer.from(JSON.stringify(value))) },
    { weight: 10, arbitrary: bytes },
    { weight: 1, arbitrary: fc.constantFrom(...largeTexts).map((each) => Buffer.from(each)) },
  );
}

/** Bytes with a cut, a change, or some of them twice. */
export function broken(whole: Arbitrary<Buffer>): Arbitrary<Buffer> {
  return fc.tuple(whole, fc.nat(), fc.nat(), bytes).map(([buffer, at, kind, other]) => {
    const place = buffer.length === 0 ? 0 : at % buffer.length;
    const [before, after] = [buffer.subarray(0, place), buffer.subarray(place)];
    if (kind % 4 === 0) return before;
    if (kind % 4 === 1) return Buffer.concat([before, other, after]);
    if (kind % 4 === 2)
      return Buffer.concat([before, other.subarray(0, after.length), after.subarray(other.length)]);
    return Buffer.concat([buffer, after]);
  });
}

const largeTexts: readonly string[] = [
  '['.repeat(100_000),
  '{"a":'.repeat(50_000),
  `{"status":"succeeded","result":[${'1e20,'.repeat(40_000)}0]}`,
  `{"payload":{"a":[${'1e999,'.repeat(40_000)}0]}}`,
  `"${'\\u0000'.repeat(20_000)}"`,
];

/** Draws values in portions. Each portion has a seed of its own, so that a run can be repeated from its first seed. */
export function* draw<Value>(arbitrary: Arbitrary<Value>, count: number, seed: number): Generator<Value[]> {
  const portion = 500;
  for (let done = 0; done < count; done += portion) {
    yield fc.sample(arbitrary, { numRuns: Math.min(portion, count - done), seed: seed * 1_000_003 + done });
  }
}

/** The values of all portions. Several loops may share it: each value goes to one of them. */
export function* each<Value>(portions: Iterable<readonly Value[]>): Generator<Value> {
  for (const portion of portions) yield* portion;
}
