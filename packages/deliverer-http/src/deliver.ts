import { timerDelay } from '@preservarium/concurrency';
import { type CommandMessage, ValidationError } from '@preservarium/core';
import { type DeliveryContext, type DeliveryResult, obstacleToSending } from '@preservarium/deliverer';
import type { CompleteOptions } from './deliverer-options.js';
import { exchange } from './http-exchange.js';
import { failureToResult } from './http-failure.js';
import { locate } from './http-location.js';
import type { HttpPools } from './http-pools.js';
import { type HttpRequest, toRequest } from './http-request.js';
import { toResult } from './to-result.js';

export interface DeliveryDependencies {
  readonly settings: CompleteOptions;
  readonly pools: HttpPools;
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
  const sending = new AbortController();
  const givenUp = Promise.withResolvers<DeliveryResult>();
  const progress: Progress = { step: waitForDirectory, signal: sending.signal };

  function giveUp(reason: string, unreachable: boolean): void {
    givenUp.resolve({ kind: 'retryable', reason, unreachable });
    sending.abort();
  }
  const onAbort = () => giveUp('the delivery was aborted', false);
  const onClosing = () => giveUp('the deliverer is closed', false);

  if (context.signal.aborted) onAbort();
  if (means.closing.aborted) onClosing();
  context.signal.addEventListener('abort', onAbort, { once: true });
  means.closing.addEventListener('abort', onClosing, { once: true });
  const timer = setTimeout(() => {
    giveUp(`${progress.step.problem} within ${timeoutMs} ms`, progress.step.unreachable);
  }, timerDelay(timeoutMs));
  try {
    return await Promise.race([givenUp.promise, attempt(command, context, means, progress)]);
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener('abort', onAbort);
    means.closing.removeEventListener('abort', onClosing);
  }
}

const waitForDirectory: Step = { problem: 'the device directory did not answer', unreachable: true };

async function attempt(
  command: CommandMessage,
  context: DeliveryContext,
  { settings, pools }: DeliveryDependencies,
  progress: Progress,
): Promise<DeliveryResult> {
  const baseUrl = await lookUp(command.deviceId, settings);
  if (typeof baseUrl !== 'string') return baseUrl;

  progress.step = { problem: 'formatCommand did not answer', unreachable: false };
  const request = await prepare(command, context, baseUrl, settings);
  if ('kind' in request) return request;

  const { origin } = request;
  progress.step = { problem: `${origin} did not answer`, unreachable: true };
  try {
    const answer = await exchange(pools.of(origin), request, {
      signal: progress.signal,
      obstacle: () => obstacleToSending(command, context),
      onAnswering() {
        progress.step = { problem: `${origin} did not come to the end of its answer`, unreachable: false };
      },
    });
    return toResult(answer, settings.evidence);
  } catch (error) {
    return failureToResult(error, origin);
  }
}

async function lookUp(deviceId: string, { directory }: CompleteOptions): Promise<string | DeliveryResult> {
  try {
    const baseUrl = await directory(deviceId);
    return baseUrl ?? rejected(`device ${JSON.stringify(deviceId)} is not in the device directory`);
  } catch (error) {
    if (ValidationError.isInstance(error)) return rejected(error.message);
    return { kind: 'retryable', reason: `the device directory failed: ${String(error)}`, unreachable: true };
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
