import { once } from 'node:events';
import { connect } from 'node:net';
import fc, { type Arbitrary } from 'fast-check';
import type { Entrance } from '../entrance.js';
import { broken, bytes, draw, jsonLike, text } from '../inputs.js';
import type { Scene } from '../scene.js';
import { giveAnswers } from './give-answers.js';

const connections = 50;

const body = jsonLike({
  status: fc.constantFrom('delivered', 'succeeded', 'failed'),
  result: fc.jsonValue({ maxDepth: 3 }),
  led: fc.constantFrom('on', 'off', null),
});
const lengthOf = (content: Buffer) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(`content-length: ${content.length}`) },
    { weight: 1, arbitrary: fc.constant('transfer-encoding: chunked') },
    { weight: 1, arbitrary: fc.constantFrom('content-length: 999999999999', 'content-length: -1', 'x: y') },
  );
const headerLine = fc.oneof(
  fc.constantFrom(
    'content-type: application/json',
    'content-type: text/plain',
    'retry-after: 1',
    'retry-after: -1e9',
  ),
  fc.constantFrom(
    'connection: close',
    `x-long: ${'h'.repeat(20_000)}`,
    'retry-after: Wed, 21 Oct 2099 07:28:00 GMT',
  ),
  text.map((value) => `x-any: ${value}`),
);

function message(firstLine: Arbitrary<string>): Arbitrary<Buffer> {
  const whole = body.chain((content) =>
    fc
      .tuple(firstLine, lengthOf(content), fc.array(headerLine, { maxLength: 4 }))
      .map(([first, length, lines]) =>
        Buffer.concat([Buffer.from(`${[first, length, ...lines].join('\r\n')}\r\n\r\n`), content]),
      ),
  );
  return fc.oneof(
    { weight: 12, arbitrary: whole },
    { weight: 3, arbitrary: broken(whole) },
    { weight: 1, arbitrary: bytes },
  );
}

const answer = message(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.1 204 No Content', 'HTTP/1.1 201 x') },
    { weight: 3, arbitrary: fc.integer({ min: 100, max: 599 }).map((status) => `HTTP/1.1 ${status} ok`) },
    { weight: 1, arbitrary: text.map((reason) => `HTTP/1.1 400 ${reason}`) },
  ),
);
const path = fc.oneof(
  { weight: 8, arbitrary: fc.nat(50).map((each) => `/settings/device-${each}`) },
  { weight: 2, arbitrary: text.map((each) => `/settings/${encodeURIComponent(each.toWellFormed())}`) },
  { weight: 1, arbitrary: text },
);
const request = message(
  fc
    .tuple(fc.constantFrom('POST', 'POST', 'POST', 'GET', 'BREW'), path)
    .map(([method, where]) => `${method} ${where} HTTP/1.1\r\nhost: x`),
);

/** Answers of devices and gateways, and the server on which devices report their settings. */
export function httpEntrances(scene: Scene): readonly Entrance[] {
  const programs = [scene.connectors.http];
  const { answers } = scene.httpDevices;
  return [
    {
      name: 'http-answer',
      share: 4,
      programs,
      feed: (inputs, seed) => giveAnswers(scene, { answers, protocol: 'http', input: answer }, inputs, seed),
    },
    {
      name: 'http-report',
      share: 8,
      programs,
      async feed(inputs, seed) {
        const port = Number(new URL(scene.reportUrl).port);
        for (const portion of draw(request, inputs, seed)) {
          const sending = Array.from({ length: connections }, async () => {
            for (let each = portion.pop(); each !== undefined; each = portion.pop())
              await sendOnce(port, each);
          });
          await Promise.all(sending);
        }
      },
    },
  ];
}

/** Sends a request on a connection of its own, and resolves when anything is answered, or nothing more can come. */
async function sendOnce(port: number, request: Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  socket.end(request);
  socket.once('data', () => socket.destroy());
  await once(socket, 'close');
}
