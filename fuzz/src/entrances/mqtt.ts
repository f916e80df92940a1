import fc, { type Arbitrary } from 'fast-check';
import { connectAsync } from 'mqtt';
import type { Entrance } from '../entrance.js';
import { bytes, draw, jsonLike, text } from '../inputs.js';
import { isNeighbour } from '../is-neighbour.js';
import type { Scene } from '../scene.js';

interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly correlationData: Buffer | undefined;
}

/** A level of a topic that a broker takes: it disconnects who sends wildcards or control characters. */
const level = fc
  .oneof({ weight: 6, arbitrary: fc.nat(50).map((each) => `device-${each}`) }, { weight: 1, arbitrary: text })
  .map((each) =>
    each
      .replaceAll(/[#+\p{C}]/gu, '')
      .toWellFormed()
      .slice(0, 2_000),
  );

const answer = jsonLike({
  status: fc.constantFrom('delivered', 'succeeded', 'failed', 'rejected', 'dispatched'),
  reason: text,
  result: fc.jsonValue({ maxDepth: 3 }),
});
const report = jsonLike({ led: fc.constantFrom('on', 'off', null), color: text, nested: fc.jsonValue() });
const presence = fc.oneof(
  fc.constantFrom('online', 'offline', '').map((each) => Buffer.from(each)),
  bytes,
);

function messages(topic: Arbitrary<string>, payload: Arbitrary<Buffer>): Arbitrary<Message> {
  return fc.record({
    topic,
    payload,
    qos: fc.constantFrom<(0 | 1)[]>(0, 1),
    retain: fc.nat(50).map((each) => each === 0),
    correlationData: fc.option(bytes, { nil: undefined, freq: 4 }),
  });
}

/** The topics on which devices answer and report. */
export async function mqttEntrances(
  scene: Scene,
): Promise<AsyncDisposable & { readonly entrances: readonly Entrance[] }> {
  const client = await connectAsync(scene.mosquitto.url, { protocolVersion: 5 });
  // A broker says so where a command has no subscriber, and the connector then waits for the device.
  const devices = await connectAsync(scene.mosquitto.url, { protocolVersion: 5 });
  await devices.subscribeAsync('#', { qos: 1 });
  devices.on('message', (topic, _, { properties }) => {
    if (!isNeighbour(topic) || properties?.responseTopic === undefined) return;
    const { responseTopic, correlationData } = properties;
    const answered = { qos: 1, ...(correlationData && { properties: { correlationData } }) } as const;
    // By the client that gives the inputs: the answer comes behind them.
    client.publish(responseTopic, '{"status":"succeeded"}', answered);
  });
  const programs = [scene.connectors.mqtt];
  const mqtt = (name: Entrance['name'], share: number, input: Arbitrary<Message>): Entrance => ({
    name,
    share,
    programs,
    async feed(inputs, seed) {
      for (const portion of draw(input, inputs, seed)) {
        await Promise.all(
          portion.map(({ topic, payload, correlationData, ...options }) =>
            client.publishAsync(topic, payload, {
              ...options,
              ...(correlationData && { properties: { correlationData } }),
            }),
          ),
        );
      }
    },
  });
  const answerTopic = fc.oneof(
    {
      weight: 9,
      arbitrary: fc.tuple(level, level).map(([one, two]) => `devices/${one}/commands/${two}/response`),
    },
    { weight: 1, arbitrary: level.map((each) => `devices/${each}/commands//response`) },
  );
  return {
    entrances: [
      mqtt('mqtt-answer', 15, messages(answerTopic, answer)),
      mqtt(
        'mqtt-report',
        8,
        messages(
          level.map((each) => `devices/${each}/settings/reported`),
          report,
        ),
      ),
      mqtt(
        'mqtt-presence',
        10,
        messages(
          level.map((each) => `devices/${each}/status`),
          presence,
        ),
      ),
    ],
    async [Symbol.asyncDispose]() {
      await Promise.all([client.endAsync(true), devices.endAsync(true)]);
    },
  };
}
