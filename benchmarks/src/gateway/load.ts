import { Agent, type IncomingMessage, request } from 'node:http';
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
    const waitMs = dueAtMs - performance.now();
    if (waitMs > 0) await pause(waitMs);
    calls.push(send(number).then(() => void times.push(performance.now() - dueAtMs)));
  }
  await Promise.all(calls);
  return quantileOf(times, 0.99);
}

/** Sends one batch of NDJSON, which is made before: it is the gateway that is measured. */
export async function postBatch(url: string, count: number): Promise<Load> {
  const chunks = [...chunksOfLines(count)];
  const { promise: answered, resolve, reject } = Promise.withResolvers<number>();
  const headers = { 'content-type': 'application/x-ndjson' };
  const sending = request(`${url}/v1/commands:batch`, { method: 'POST', headers }, (response) => {
    response.on('error', reject);
    countAccepted(response).then(resolve, reject);
  });
  sending.on('error', reject);
  const startedAtMs = performance.now();
  Readable.from(chunks).pipe(sending);
  const accepted = await answered;
  const elapsedMs = performance.now() - startedAtMs;
  return { perSecond: (count / elapsedMs) * 1_000, failed: count - accepted };
}

const accepted202 = '"status":202,';

async function countAccepted(response: IncomingMessage): Promise<number> {
  let accepted = 0;
  let rest = '';
  for await (const chunk of response.setEncoding('latin1')) {
    const parts = `${rest}${chunk}`.split(accepted202);
    accepted += parts.length - 1;
    // Another chunk may have the rest of a mark.
    rest = (parts.at(-1) ?? '').slice(1 - accepted202.length);
  }
  return accepted;
}

/** Waits until the store of the gateway has all commands, so that its feed does not work off one measurement during the next. */
export async function untilStored(url: string): Promise<void> {
  const { status } = await fetch(`${url}/v1/commands/none?device=none`);
  if (status !== 404) throw new Error(`the gateway answered ${status} to a request for an unknown command`);
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

function* chunksOfLines(count: number): Generator<Buffer, undefined> {
  let chunk = '';
  for (const number of numbersOf({ first: 0, count })) {
    chunk += `${JSON.stringify(bodyOf(number))}\n`;
    if (chunk.length < 65_536) continue;
    yield Buffer.from(chunk);
    chunk = '';
  }
  if (chunk !== '') yield Buffer.from(chunk);
}

function bodyOf(number: number) {
  const { metadata: _, ...envelope } = envelopeOf(number);
  return envelope;
}
