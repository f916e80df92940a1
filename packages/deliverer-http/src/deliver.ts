import { startTimeLimit } from '@preservarium/concurrency';
import { type CommandMessage, ValidationError } from '@preservarium/core';
import {
  type CompiledRequestWire,
  type ConnectorPort,
  type DeliveryContext,
  type DeliveryResult,
  type DeviceReport,
  judgeInternalError,
  judgeResponse,
  obstacleToSending,
} from '@preservarium/deliverer';
import type { Dispatcher } from 'undici';
import type { CompleteOptions } from './deliverer-options.js';
import { type HttpCertificate, hasCertificate, sourceOf } from './http-certificate.js';
import { exchange, type HttpAnswer } from './http-exchange.js';
import { failureToResult } from './http-failure.js';
import { locate } from './http-location.js';
import type { HttpPools } from './http-pools.js';
import { type HttpRequest, toRequest } from './http-request.js';
import { toResult } from './to-result.js';

export interface DeliveryDependencies {
  readonly settings: CompleteOptions;
  readonly pools: HttpPools;
  /** Reports what a response says of its command. */
  readonly report: ConnectorPort['report'];
  /** Aborted when the deliverer gives up the deliveries in flight. */
  readonly closing: AbortSignal;
}

/** The step that an attempt waits for, to explain a timeout. */
interface Step {
  readonly problem: string;
  /** True: silence of this step means that the device is unreachable. */
  readonly unreachable: boolean;
}

interface Progress {
  step: Step;
  readonly signal: AbortSignal;
}

/** Takes one command to its device, for as long as the deadline and the signals let it. */
export async function deliver(
  command: CommandMessage,
  context: DeliveryContext,
  means: DeliveryDependencies,
): Promise<DeliveryResult> {
  const { timeoutMs } = means.settings;
  using limit = startTimeLimit(timeoutMs, [context.signal, means.closing]);
  const progress: Progress = { step: waitForDirectory, signal: limit.signal };
  const result = await limit.within(attempt(command, context, means, progress));
  if (result !== undefined) return result;
  const { problem, unreachable } = progress.step;
  if (limit.timedOut()) return retryable(`${problem} within ${timeoutMs} ms`, unreachable);
  return retryable(
    means.closing.aborted ? 'the HTTP deliverer is closed' : 'the delivery was aborted',
    false,
  );
}

const waitForDirectory: Step = { problem: 'the device directory did not answer', unreachable: true };

async function attempt(
  given: CommandMessage,
  context: DeliveryContext,
  { settings, pools, report }: DeliveryDependencies,
  progress: Progress,
): Promise<DeliveryResult> {
  const wire = settings.wireOf(given);
  if (typeof wire === 'string') return rejected(wire);
  const command = wire?.address(given) ?? given;
  const baseUrl = await lookUp(command.deviceId, settings);
  if (typeof baseUrl !== 'string') return baseUrl;

  progress.step = { problem: 'formatCommand did not answer', unreachable: false };
  const request = await prepare(command, context, baseUrl, withWire(settings, wire));
  if ('kind' in request) return request;
  const { origin } = request;
  const isEncrypted = origin.startsWith('https:');
  const certificate = isEncrypted ? settings.certificateOf(command.deviceId) : undefined;
  const send = () =>
    ask(command, context, { settings, dispatcher: pools.of(origin, certificate) }, progress, request);

  try {
    const { answer, asked } = await send();
    const isRefused = settings.authorization.isAskedAnew(command.deviceId, asked, answer);
    const last = isRefused ? (await send()).answer : answer;
    const result = toResult(last, settings.evidence);
    const said = judge(wire, last, command);
    if (said === undefined) return result;
    void report(said);
    return { kind: 'delivered', evidence: settings.evidence };
  } catch (error) {
    if (ValidationError.isInstance(error)) return rejected(error.message);
    return failureToResult(
      error,
      origin,
      isEncrypted ? describeCertificate(settings, certificate) : undefined,
    );
  }
}

/** Returns what the answer says of the command. A 202 is not of the device yet. */
function judge(
  wire: CompiledRequestWire | undefined,
  { status, body }: HttpAnswer,
  command: CommandMessage,
): DeviceReport | undefined {
  if (status === 500) return judgeInternalError(wire, body, command);
  return status >= 200 && status < 300 && status !== 202 ? judgeResponse(wire, body, command) : undefined;
}

function withWire(settings: CompleteOptions, wire: CompiledRequestWire | undefined): CompleteOptions {
  return wire === undefined ? settings : { ...settings, formatCommand: wire.format };
}

/** Sends the request, with the login of its device. */
async function ask(
  command: CommandMessage,
  context: DeliveryContext,
  { settings, dispatcher }: Pick<DeliveryDependencies, 'settings'> & { readonly dispatcher: Dispatcher },
  progress: Progress,
  request: HttpRequest,
): Promise<{ readonly answer: HttpAnswer; readonly asked: HttpRequest }> {
  const asked = settings.authorization.authorize(command.deviceId, request);
  const { origin } = request;
  progress.step = { problem: `${origin} did not answer`, unreachable: true };
  const answer = await exchange(dispatcher, asked, {
    signal: progress.signal,
    obstacle: () => obstacleToSending(command, context),
    onAnswering() {
      progress.step = { problem: `${origin} did not come to the end of its answer`, unreachable: false };
    },
  });
  return { answer, asked };
}

function describeCertificate({ tls }: CompleteOptions, certificate: HttpCertificate | undefined): string {
  if (certificate !== undefined) return `the client certificate is that of ${sourceOf(certificate)}`;
  return hasCertificate(tls)
    ? 'the client certificate is that of tls.cert'
    : 'no client certificate is set for the device';
}

async function lookUp(deviceId: string, { directory }: CompleteOptions): Promise<string | DeliveryResult> {
  try {
    const baseUrl = await directory(deviceId);
    return baseUrl ?? rejected(`device ${JSON.stringify(deviceId)} is not in the device directory`);
  } catch (error) {
    if (ValidationError.isInstance(error)) return rejected(error.message);
    return retryable(`the device directory failed: ${String(error)}`, true);
  }
}

async function prepare(
  command: CommandMessage,
  context: DeliveryContext,
  baseUrl: string,
  settings: CompleteOptions,
): Promise<HttpRequest | DeliveryResult> {
  try {
    return await toRequest(command, locate(command, baseUrl), context, settings);
  } catch (error) {
    return rejected(
      ValidationError.isInstance(error) ? error.message : `formatCommand failed: ${String(error)}`,
    );
  }
}

function rejected(reason: string): DeliveryResult {
  return { kind: 'rejected', reason };
}

function retryable(reason: string, unreachable: boolean): DeliveryResult {
  return { kind: 'retryable', reason, unreachable };
}
