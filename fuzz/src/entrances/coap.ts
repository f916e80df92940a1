import { generate, type OptionName } from 'coap-packet';
import fc, { type Arbitrary } from 'fast-check';
import { createCoapSender } from '../coap-sender.js';
import type { Entrance } from '../entrance.js';
import { broken, bytes, draw, each, jsonLike, text } from '../inputs.js';
import type { Scene } from '../scene.js';
import { giveAnswers } from './give-answers.js';

const payload = jsonLike({
  status: fc.constantFrom('delivered', 'succeeded', 'failed'),
  result: fc.jsonValue({ maxDepth: 2 }),
  led: fc.constantFrom('on', 'off', null),
}).map((content) => content.subarray(0, 1_100));

const optionName = fc.constantFrom<OptionName[]>(
  ...(['Observe', 'Block1', 'Block2', 'Size1', 'Content-Format', 'Max-Age', 'Accept'] as OptionName[]),
  ...(['Uri-Query', 'Location-Path', 'Location-Query', 'If-Match', 'Proxy-Uri', 'ETag'] as OptionName[]),
);
const options = fc.array(fc.record({ name: optionName, value: bytes.map((each) => each.subarray(0, 8)) }), {
  maxLength: 4,
});
const level = fc
  .oneof({ weight: 4, arbitrary: fc.nat(50).map((each) => `device-${each}`) }, { weight: 1, arbitrary: text })
  .map((each) => Buffer.from(each).subarray(0, 250));

function requests(resource: Arbitrary<string>, code: Arbitrary<string>): Arbitrary<Buffer> {
  return fc
    .record({
      resource,
      code,
      levels: fc.array(level, { minLength: 1, maxLength: 3 }),
      options,
      payload,
      confirmable: fc.boolean(),
      token: bytes.map((each) => each.subarray(0, 8)),
      messageId: fc.nat(65_535),
    })
    .map(({ resource, levels, options, ...packet }) => {
      const path = [Buffer.from(resource), ...levels].map((value) => ({ name: 'Uri-Path' as const, value }));
      return generate({ ...packet, options: [...path, ...options] }, 2_000);
    });
}

const request = requests(
  fc.constantFrom('commands', 'telemetry', 'x'),
  fc.constantFrom('GET', 'POST', 'PUT', '7.31'),
);
const datagram = fc.oneof(
  { weight: 4, arbitrary: request },
  { weight: 3, arbitrary: broken(request) },
  { weight: 3, arbitrary: bytes },
);
const report = requests(fc.constant('settings'), fc.constant('POST'));

/** As `CoapDevices` takes them: a code, and the rest of a datagram. */
const answer = fc
  .tuple(
    fc.oneof(fc.constantFrom(0x44, 0x45, 0x41, 0x80, 0xa0), fc.nat(255)),
    options,
    payload,
    bytes,
    fc.nat(9),
  )
  .map(([code, options, payload, tail, kind]) => {
    const rest = generate({ code: '2.05', options, payload }, 2_000).subarray(4);
    return Buffer.concat([Buffer.from([code]), kind === 0 ? tail : rest]);
  });

/** The UDP port on which devices poll and report, and the answers of devices with a server. */
export function coapEntrances(scene: Scene): readonly Entrance[] {
  const programs = [scene.connectors.coap];
  const { answers } = scene.coapDevices;
  const coap = (name: Entrance['name'], share: number, input: Arbitrary<Buffer>): Entrance => ({
    name,
    share,
    programs,
    async feed(inputs, seed) {
      using sender = await createCoapSender(scene.coapPort);
      for (const datagram of each(draw(input, inputs, seed))) await sender.send(datagram);
      await sender.flush();
    },
  });
  return [
    coap('coap-datagram', 22, datagram),
    {
      name: 'coap-answer',
      share: 1,
      programs,
      feed: (inputs, seed) => giveAnswers(scene, { answers, protocol: 'coap', input: answer }, inputs, seed),
    },
    coap('coap-report', 8, report),
  ];
}
