import { Agent, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { envelopeOf, numbersOf } from '../numbered-command.js';
import { quantileOf } from '../quantile-of.js';
import { withInFlight } from '../with-in-flight.js';

export interface Load {
  readonly perSecond: number;
  readonly failed: number;
}

const connections = 64;

/** Sends single commands, one after another on each of 64 connections. */
export async function postEach(url: string, count: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let failed = 0;
  const startedAtMs = performance.now();
  await withInFlight(numbersOf({ first: 0, count }), connections, async (number) => {
    if ((await post(url, agent, number)) !== 202) failed += 1;
  });
  const elapsedMs = performance.now() - startedAtMs;
  agent.destroy();
  return { perSecond: (count / elapsedMs) * 1_000, failed };
}

/** Calls `send` at a steady rate, and returns the 99th percentile of its time in milliseconds. */
export async function p99At(
  perSecond: number,
  count: number,
  send: (number: number) => Promise<unknown>,
): Promise<number> {
  const times: number[] = [];
  const calls: Promise<void>[] = [];
  const startedAtMs = performance.now();
  for (const number of numbersOf({ first: 0, count })) {
    // From when it was due: a call that starts late because of others has waited, too.
    const dueAtMs = startedAtMs + (number * 1_000) / perSecond;
    if (dueAtMs > performance.now()) await pause(dueAtMs - performance.now());
    calls.push(send(number).then(() => void times.push(performance.now() - dueAtMs)));
  }
  await Promise.all(calls);
  return quantileOf(times, 0.99);
}

/** Sends one batch of NDJSON. */
export async function postBatch(url: string, count: number): Promise<Load> {
  const { promise: answered, resolve, reject } = Promise.withResolvers<number>();
  const headers = { 'content-type': 'application/x-ndjson' };
  const count202 = async (response: IncomingMessage): Promise<number> => {
    let accepted = 0;
    for await (const line of createInterface({ input: response }))
      if (line.includes('"status":202')) accepted += 1;
    return accepted;
  };
  const sending = request(`${url}/v1/commands:batch`, { method: 'POST', headers }, (response) => {
    response.on('error', reject);
    count202(response).then(resolve, reject);
  });
  sending.on('error', reject);
  const startedAtMs = performance.now();
  Readable.from(chunksOfLines(count)).pipe(sending);
  const accepted = await answered;
  const elapsedMs = performance.now() - startedAtMs;
  return { perSecond: (count / elapsedMs) * 1_000, failed: count - accepted };
}

export function post(url: string, agent: Agent, number: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const body = JSON.stringify(bodyOf(number));
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sending = request(`${url}/v1/commands`, { method: 'POST', agent, headers }, (response) => {
    response.resume().once('end', () => resolve(response.statusCode ?? 0));
  });
  sending.on('error', reject);
  sending.end(body);
  return promise;
}

function* chunksOfLines(count: number): Generator<string, undefined> {
  let chunk = '';
  for (const number of numbersOf({ first: 0, count })) {
    chunk += `${JSON.stringify(bodyOf(number))}\n`;
    if (chunk.length < 65_536) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

function bodyOf(number: number) {
  const { metadata: _, ...envelope } = envelopeOf(number);
  return envelope;
}
