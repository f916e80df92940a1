import { join } from 'node:path';
import fc, { type Arbitrary } from 'fast-check';
import type { Entrance } from '../entrance.js';
import type { EntranceName } from '../entrance-names.js';
import { broken, bytes, draw, jsonLike, objectLike, text } from '../inputs.js';
import type { Program } from '../program.js';

const schema = objectLike({
  type: fc.constantFrom('object', 'string', 'array', 'any'),
  pattern: fc.constantFrom('^(a+)+$', '(?=a)b', '[a-z]*', '(', '\\p{L}'),
  format: fc.constantFrom('date-time', 'uri', 'url', 'none'),
  properties: fc.dictionary(text, fc.constant({ type: 'string' }), { maxKeys: 3 }),
  uniqueItems: fc.boolean(),
});
const plainForm = jsonLike({
  types: fc.dictionary(
    text,
    objectLike({
      commands: fc.dictionary(
        text,
        objectLike({ payload: schema, result: schema, mayBeRepeated: fc.boolean() }),
        {
          maxKeys: 2,
        },
      ),
      settings: fc.dictionary(text, schema, { maxKeys: 2 }),
    }),
    { minKeys: 1, maxKeys: 2 },
  ),
});
const thingDescription = jsonLike({
  '@context': fc.constant('https://www.w3.org/2022/wot/td/v1.1'),
  title: text,
  security: fc.constant(['none']),
  securityDefinitions: fc.constant({ none: { scheme: 'nosec' } }),
  actions: fc.dictionary(
    text,
    objectLike({ input: schema, output: schema, forms: fc.constant([{ href: '/' }]) }),
    {
      maxKeys: 2,
    },
  ),
  properties: fc.dictionary(text, schema, { maxKeys: 2 }),
});
const yaml = fc.constantFrom(
  'a: &a [x]\nb: [*a, *a]\n',
  `${'- '.repeat(3_000)}x`,
  'a: !!binary x\n? [b]\n: c\n',
  '%YAML 9.9\n---\na: b\n...\nc',
  `a: &a [${'x,'.repeat(10)}]\n${Array.from({ length: 9 }, (_, index) => `${'abcdefghi'[index]}${index}: &b${index} [${`*${index === 0 ? 'a' : `b${index - 1}`},`.repeat(9)}]`).join('\n')}\n`,
);
const directory = (value: Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.dictionary(text, value).map((each) => Buffer.from(JSON.stringify(each))) },
    { weight: 1, arbitrary: broken(yaml.map((each) => Buffer.from(each))) },
    { weight: 1, arbitrary: bytes },
  );
const address = fc.oneof(
  fc.constantFrom('https://x.example/7', 'coap://[::1]:5683', 'http://', 'file:///etc'),
  text,
);
const env = fc
  .array(fc.tuple(fc.constantFrom('KAFKA_BOOTSTRAP_SERVERS', 'PUSHER_BACKEND', 'A_FILE', ''), text), {
    maxLength: 5,
  })
  .map((lines) => Buffer.from(lines.map((line) => line.join('=')).join('\n')));
const answer = fc.oneof(
  { weight: 4, arbitrary: jsonLike({ text, list: fc.array(text), at: text, when: text }) },
  {
    weight: 1,
    arbitrary: fc.nat(20_000).map((count) => Buffer.from(JSON.stringify({ text: `${'a'.repeat(count)}!` }))),
  },
);

/** The files of an operator, and the check of what devices answer, in the reader program. */
export function fileEntrances(reader: Program, folder: string): readonly Entrance[] {
  const file = (name: EntranceName, share: number, input: Arbitrary<Buffer>): Entrance => ({
    name,
    share,
    programs: [reader],
    async feed(inputs, seed) {
      for (const contents of draw(input, inputs, seed)) {
        const hasRead = untilRead(reader);
        reader.child.send({ name, path: join(folder, `${name}.txt`), contents });
        await hasRead;
      }
    },
  });
  return [
    file(
      'capabilities-file',
      1,
      fc.oneof(
        plainForm,
        thingDescription,
        yaml.map((each) => Buffer.from(each)),
      ),
    ),
    file('capabilities-check', 4, answer),
    file('device-types-file', 1, directory(text)),
    file('device-directory-file', 1, directory(address)),
    file('env-file', 1, fc.oneof(env, broken(env), bytes)),
  ];
}

/** Listens until the end: a report of the probe may come in the same turn. */
function untilRead({ child }: Program): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', function onMessage(message: unknown) {
      if (message !== 'read') return;
      child.off('message', onMessage);
      resolve();
    });
  });
}
