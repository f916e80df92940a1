import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ConnectorPort } from '@preservarium/connector';
import { ConfigurationError, type JsonObject } from '@preservarium/core';
import type { CompleteListenSettings } from './deliverer-settings.js';
import { verifySignature } from './http-signature.js';

/** Takes what devices report of their settings by themselves: `POST /settings/{deviceId}` with a JSON object. */
export interface ReportServer {
  isListening(): boolean;
  /** Answers every request that is open, and stops listening. */
  close(): Promise<void>;
}

const maxBodyBytes = 65_536;
const requestTimeoutMs = 10_000;
const maxConnections = 10_000;

/** Resolves once it listens. Rejects with `CONFIGURATION_INVALID` where it cannot. */
export async function createReportServer(
  { host, port, secret }: CompleteListenSettings,
  connector: Pick<ConnectorPort, 'reported'>,
): Promise<ReportServer> {
  const server = createServer({ requestTimeout: requestTimeoutMs }, (request, response) => {
    // Who sends has broken off.
    take(request, response).catch(() => response.destroy());
  });
  const beingKept = new Set<ServerResponse>();
  server.maxConnections = maxConnections;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const deviceId = readDeviceId(path);
    if (deviceId === undefined) return answer(response, 404, 'there is only /settings/{deviceId}');
    if (method !== 'POST') return answer(response, 405, 'there is only POST');
    const body = await readBody(request);
    if (body === undefined) return answer(response, 413, `more than ${maxBodyBytes} bytes`);
    if (secret.length > 0 && !verifySignature({ method, path, headers, body }, { secret })) {
      return answer(response, 401, 'the signature is missing or not right');
    }
    const patch = parseJsonObject(body);
    if (patch === undefined) return answer(response, 400, 'must be a JSON object in UTF-8');
    beingKept.add(response);
    await connector.reported(deviceId, patch);
    if (beingKept.delete(response)) answer(response, 204);
  }

  async function close(): Promise<void> {
    for (const response of beingKept) answer(response, 503, 'the connector stops');
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
    return segment && decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    // What is left is read and forgotten, so that the answer is not cut off with the connection.
    if (sizeBytes <= maxBodyBytes) chunks.push(chunk);
  }
  return sizeBytes > maxBodyBytes ? undefined : Buffer.concat(chunks);
}

function parseJsonObject(body: Buffer): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

function answer(response: ServerResponse, status: number, reason?: string): void {
  if (reason === undefined) response.writeHead(status).end();
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ reason }));
}
