import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigurationError, deviceIdSchema } from '@preservarium/core';
import { type ConnectorPort, type ReportOutcome, readSettingsPatch } from '@preservarium/deliverer';
import type { CompleteHttpListenOptions } from './deliverer-options.js';
import { asHeaderValue } from './http-header-value.js';
import { createNonceCache } from './http-nonce-cache.js';
import { defaultToleranceMs, isSigned, type SignedRequest, signedAtMs, takeNonce } from './http-signature.js';

/** Takes what devices report of their settings by themselves: `POST /settings/{deviceId}` with a JSON object. */
export interface ReportServer {
  isListening(): boolean;
  /** Answers every request that is open, and stops listening. */
  close(): Promise<void>;
}

const maxBodyBytes = 65_536;
const requestTimeoutMs = 10_000;
const headersTimeoutMs = 5_000;
/** Node looks for requests past their deadlines this often; its default, 30 s, is longer than they are. */
const checkIntervalMs = 1_000;
const maxReasonCharacters = 200;
const maxConnections = 10_000;
/** Reports whose outcome is awaited: each holds its body and a connection. */
const maxReportsBeingKept = 1_000;
/** A device is not kept waiting for Kafka for longer. */
const outcomeTimeoutMs = 10_000;
const comeBackAfterMs = 10_000;

/** Resolves once it listens. Rejects with `CONFIGURATION_INVALID` where it cannot. */
export async function createReportServer(
  { host, port, secretsOf }: CompleteHttpListenOptions,
  connector: Pick<ConnectorPort, 'reported'>,
): Promise<ReportServer> {
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: checkIntervalMs,
    },
    (request, response) => {
      // The sender has disconnected.
      take(request, response).catch(() => response.destroy());
    },
  );
  const nonces = createNonceCache();
  // The nonces of an earlier process are not known. Signatures have whole seconds, so the first one that is taken is of a second which has begun since.
  const startedAtMs = Math.ceil(Date.now() / 1_000) * 1_000;
  if (secretsOf !== undefined) await pause(startedAtMs - Date.now());
  const beingKept = new Set<ServerResponse>();
  server.maxConnections = maxConnections;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const deviceId = readDeviceId(path);
    if (deviceId === undefined) return answer(response, 404, 'there is only /settings/{deviceId}');
    if (method !== 'POST') return answer(response, 405, 'there is only POST');
    const body = await readBody(request);
    if (body === undefined) return answer(response, 413, `more than ${maxBodyBytes} bytes`);
    const signed = { method, path, headers, body };
    const isGenuine = judge(deviceId, signed);
    if (isGenuine === 'early')
      return answerLater(
        response,
        'the report was signed before the connector started: sign it anew',
        startedAtMs - signedAtMs(signed),
      );
    if (isGenuine === 'full') return answerLater(response, 'too many signed reports', comeBackAfterMs);
    if (isGenuine === 'forged') return answer(response, 401, 'the signature is missing or not right');
    if (isGenuine === 'seen')
      return answer(response, 401, 'the signature was used before: sign each attempt anew');
    const read = readSettingsPatch(body, { maxBytes: maxBodyBytes });
    if (!read.ok) return answer(response, 400, read.problem);
    if (beingKept.size >= maxReportsBeingKept)
      return answerLater(response, 'too many reports', comeBackAfterMs);
    beingKept.add(response);
    const timer = setTimeout(
      () => answerLater(response, 'the report is not in Kafka yet', comeBackAfterMs),
      outcomeTimeoutMs,
    );
    try {
      answerOutcome(response, await connector.reported(deviceId, read.patch));
    } finally {
      clearTimeout(timer);
      // The report is no longer counted only now: until then it takes memory, answered or not.
      beingKept.delete(response);
    }
  }

  function judge(deviceId: string, request: SignedRequest): 'new' | 'seen' | 'full' | 'forged' | 'early' {
    if (secretsOf === undefined) return 'new';
    const [audience, toleranceMs] = [asHeaderValue(deviceId), defaultToleranceMs];
    const signing = { direction: 'report', audience, secrets: secretsOf(deviceId), toleranceMs } as const;
    if (!isSigned(request, signing)) return 'forged';
    if (signedAtMs(request) < startedAtMs) return 'early';
    return takeNonce(request, audience, toleranceMs, nonces);
  }

  async function close(): Promise<void> {
    for (const response of beingKept) answerLater(response, 'the connector stops', comeBackAfterMs);
    beingKept.clear();
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), 1_000);
    await closed;
    clearTimeout(timer);
  }

  try {
    await once(server.listen(port, host), 'listening');
  } catch (cause) {
    throw new ConfigurationError(
      `listen: cannot take TCP port ${port} of ${host}: ${String(cause)}; choose another, for example 8070 of 0.0.0.0`,
      { cause },
    );
  }
  // The server is not to be relied on any more: the process says that it is not ready, and is started anew.
  let isBroken = false;
  server.on('error', () => {
    isBroken = true;
  });
  return { isListening: () => server.listening && !isBroken, close };
}

function readDeviceId(path: string): string | undefined {
  const segment = /^\/settings\/([^/?]+)$/.exec(path)?.[1];
  try {
    return deviceIdSchema.safeParse(segment && decodeURIComponent(segment)).data;
  } catch {
    return undefined;
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    // Read and ignore the rest, so that the answer is not cut off with the connection.
    if (sizeBytes <= maxBodyBytes) chunks.push(chunk);
  }
  return sizeBytes > maxBodyBytes ? undefined : Buffer.concat(chunks);
}

/** 204 says that Kafka has the report; nothing else is ever answered with it. */
function answerOutcome(response: ServerResponse, outcome: ReportOutcome): void {
  if (outcome.kind === 'kept') answer(response, 204);
  // Well-formed and not acceptable (RFC 9110, section 15.5.21).
  else if (outcome.kind === 'refused') answer(response, 422, outcome.reason);
  else answerLater(response, 'the report is not stored now', outcome.afterMs);
}

/** Retry-After counts whole seconds (RFC 9110, section 10.2.3). */
function answerLater(response: ServerResponse, reason: string, afterMs: number): void {
  answer(response, 503, reason, { 'retry-after': String(Math.max(1, Math.ceil(afterMs / 1_000))) });
}

/** Of several answers, such as that of a deadline and that of Kafka, the first counts. */
function answer(
  response: ServerResponse,
  status: number,
  reason?: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) return;
  if (reason === undefined) response.writeHead(status, headers).end();
  else {
    const body = JSON.stringify({ reason: reason.slice(0, maxReasonCharacters) });
    response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(body);
  }
}
