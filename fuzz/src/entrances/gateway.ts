import fc, { type Arbitrary } from 'fast-check';
import type { Entrance } from '../entrance.js';
import { jsonLike, text } from '../inputs.js';
import { headerLine, httpMessages, sendRequests } from '../raw-http.js';
import type { Scene } from '../scene.js';
import { command, deviceId, dictionary, requestId } from '../wire-inputs.js';

const encoded = (each: Arbitrary<string>) =>
  fc.oneof(
    { weight: 4, arbitrary: each.map((value) => encodeURIComponent(value.toWellFormed()).slice(0, 3_000)) },
    { weight: 1, arbitrary: each },
    { weight: 1, arbitrary: fc.constantFrom('..', '%2e%2e', '%2f', '%00', '%', '%ff', ';', 'r1%3Acancel') },
  );
const parameter = fc
  .tuple(
    fc.constantFrom('device', 'state', 'type', 'since', 'limit', 'cursor', 'wait', 'timeout', 'request', 'x'),
    encoded(fc.oneof(text, fc.constantFrom('1', '1s', 'delivered', 'succeeded,failed', 'WzEsImEiLCJiIl0'))),
  )
  .map((pair) => pair.join('='));
const query = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('', '?wait=delivered&timeout=1ms') },
  {
    weight: 1,
    arbitrary: fc.array(parameter, { maxLength: 4 }).map((parameters) => `?${parameters.join('&')}`),
  },
);
const id = encoded(fc.oneof(requestId, deviceId));
const target = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('POST /v1/commands', 'POST /api/v1/commands') },
      { weight: 4, arbitrary: id.map((each) => `GET /v1/commands/${each}`) },
      { weight: 4, arbitrary: id.map((each) => `POST /v1/commands/${each}:cancel`) },
      { weight: 4, arbitrary: id.map((each) => `GET /api/v1/commands/${each}/status`) },
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          ...['GET /v1/commands', 'GET /v1/events', 'GET /v1/overview', 'POST /api/v1/commands/batch'],
          ...['GET /api/v1/status', 'GET /readyz', 'GET /metrics', 'GET /openapi.json', 'GET /'],
          ...['HEAD /v1/commands', 'OPTIONS *', 'CONNECT x:1', 'TRACE /'],
        ),
      },
      { weight: 1, arbitrary: text.map((path) => `GET ${path}`) },
    ),
    query,
  )
  .map(([start, parameters]) => `${start}${parameters} HTTP/1.1\r\nhost: localhost`);
const goodCommand = fc
  .record({
    device_id: fc.nat(50).map((each) => `device-${each}`),
    command_type: fc.constant('set_led'),
    protocol: fc.constantFrom('mqtt', 'http', 'coap'),
    payload: dictionary,
    expires_at: fc.constantFrom(undefined, '2099-01-31T12:00:00Z', '2001-01-31T12:00:00Z'),
  })
  .map((each) => Buffer.from(JSON.stringify(each)));
const batch = jsonLike({ commands: fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 20 }) });

/** Requests of clients, those of a good and those of a wrong key among them. */
export function gatewayEntrances(scene: Scene): readonly Entrance[] {
  const { gateway, gatewayKey, gatewayUrl } = scene;
  const headers = `x-api-key: ${gatewayKey}\r\ncontent-type: application/json`;
  const firstLine = fc.oneof(
    { weight: 6, arbitrary: target.map((start) => `${start}\r\n${headers}`) },
    { weight: 1, arbitrary: target },
  );
  const line = fc.oneof(
    { weight: 1, arbitrary: headerLine },
    {
      weight: 4,
      arbitrary: fc.oneof(
        encoded(text).map((value) => `idempotency-key: ${value}`),
        encoded(text).map((value) => `authorization: Bearer ${value}`),
        encoded(text).map((value) => `last-event-id: ${value}`),
        fc.constantFrom('last-event-id: 0:1', 'last-event-id: 9:9007199254740993', 'upgrade: websocket'),
        fc.constantFrom('authorization: Bearer a.b.c', 'content-encoding: gzip', 'expect: 100-continue'),
      ),
    },
  );
  const body = fc.oneof(
    { weight: 3, arbitrary: goodCommand },
    { weight: 2, arbitrary: command },
    { weight: 1, arbitrary: batch },
  );
  const request = httpMessages(firstLine, body, line);
  return [
    {
      name: 'gateway-request',
      share: 2,
      programs: [gateway],
      feed: (inputs, seed) => sendRequests(Number(new URL(gatewayUrl).port), request, { inputs, seed }),
      ends: () => pushToNeighbour(scene),
    },
  ];
}

/** A client that attacks nobody pushes a command, and waits for its device. */
async function pushToNeighbour({ gatewayKey, gatewayUrl }: Scene): Promise<string[]> {
  const answer = await fetch(`${gatewayUrl}/v1/commands?wait=delivered&timeout=60s`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': gatewayKey },
    body: JSON.stringify({ device_id: 'neighbour-0', command_type: 'set_led', protocol: 'http' }),
  }).catch((error: unknown) => ({ status: String(error), text: async () => '' }));
  return answer.status === 200 ? [] : [`the gateway answers ${answer.status} ${await answer.text()}`];
}
