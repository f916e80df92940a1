import { connect } from 'node:net';
import fc, { type Arbitrary } from 'fast-check';
import { broken, bytes, draw, each, text } from './inputs.js';

/** Requests that are open at a time: some programs wait for Kafka before they answer. */
const connections = 200;

const lengthOf = (content: Buffer) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(`content-length: ${content.length}`) },
    { weight: 1, arbitrary: fc.constant('transfer-encoding: chunked') },
    { weight: 1, arbitrary: fc.constantFrom('content-length: 999999999999', 'content-length: -1', 'x: y') },
  );
/** Headers that programs read, and others. */
export const headerLine = fc.oneof(
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

/** HTTP messages with any first line, headers and body: mostly whole, sometimes with a length that is wrong, cut, or changed. */
export function httpMessages(
  firstLine: Arbitrary<string>,
  body: Arbitrary<Buffer>,
  line: Arbitrary<string> = headerLine,
): Arbitrary<Buffer> {
  const whole = body.chain((content) =>
    fc
      .tuple(firstLine, lengthOf(content), fc.array(line, { maxLength: 4 }))
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

/** Sends requests to a port of this machine, drawn from the seed, each on a connection of its own. */
export async function sendRequests(
  port: number,
  requests: Arbitrary<Buffer>,
  { inputs, seed }: { readonly inputs: number; readonly seed: number },
): Promise<void> {
  const all = each(draw(requests, inputs, seed));
  const sending = Array.from({ length: connections }, async () => {
    for (const request of all) await sendOnce(port, request);
  });
  await Promise.all(sending);
}

/** Sends a request on a connection of its own, and resolves when anything is answered, or nothing more can come. */
function sendOnce(port: number, request: Buffer): Promise<unknown> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  socket.end(request);
  socket.once('data', () => socket.destroy());
  // `once` of Node would reject with the error of a connection that the program resets.
  return new Promise((resolve) => socket.once('close', resolve));
}
