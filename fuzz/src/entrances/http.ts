import fc from 'fast-check';
import type { Entrance } from '../entrance.js';
import { jsonLike, text } from '../inputs.js';
import { httpMessages, sendRequests } from '../raw-http.js';
import type { Scene } from '../scene.js';
import { giveAnswers } from './give-answers.js';

const body = jsonLike({
  status: fc.constantFrom('delivered', 'succeeded', 'failed'),
  result: fc.jsonValue({ maxDepth: 3 }),
  led: fc.constantFrom('on', 'off', null),
});
const answer = httpMessages(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.1 204 No Content', 'HTTP/1.1 201 x') },
    { weight: 3, arbitrary: fc.integer({ min: 100, max: 599 }).map((status) => `HTTP/1.1 ${status} ok`) },
    { weight: 1, arbitrary: text.map((reason) => `HTTP/1.1 400 ${reason}`) },
  ),
  body,
);
const path = fc.oneof(
  { weight: 8, arbitrary: fc.nat(50).map((each) => `/settings/device-${each}`) },
  { weight: 2, arbitrary: text.map((each) => `/settings/${encodeURIComponent(each.toWellFormed())}`) },
  { weight: 1, arbitrary: text },
);
const request = httpMessages(
  fc
    .tuple(fc.constantFrom('POST', 'POST', 'POST', 'GET', 'BREW'), path)
    .map(([method, where]) => `${method} ${where} HTTP/1.1\r\nhost: x`),
  body,
);

/** Answers of devices and gateways, and the server on which devices report their settings. */
export function httpEntrances(scene: Scene): readonly Entrance[] {
  const programs = [scene.connectors.http];
  const { answers } = scene.httpDevices;
  return [
    {
      name: 'http-answer',
      share: 1,
      programs,
      feed: (inputs, seed) => giveAnswers(scene, { answers, protocol: 'http', input: answer }, inputs, seed),
    },
    {
      name: 'http-report',
      share: 12,
      programs,
      feed: (inputs, seed) => sendRequests(Number(new URL(scene.reportUrl).port), request, { inputs, seed }),
    },
  ];
}
