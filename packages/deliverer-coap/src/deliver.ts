import { startTimeLimit } from '@preservarium/concurrency';
import { type CommandMessage, ValidationError } from '@preservarium/core';
import {
  type CompiledRequestWire,
  type ConnectorPort,
  type DeliveryContext,
  type DeliveryResult,
  type DeviceDirectory,
  type DevicePayload,
  type DeviceReport,
  type FormatCommand,
  formatAsJson,
  judgeInternalError,
  judgeResponse,
  obstacleToSending,
} from '@preservarium/deliverer';
import { withEcho } from './coap-echo.js';
import type { CoapAnswer } from './coap-exchange-outcome.js';
import type { CoapPeers } from './coap-peers.js';
import type { PollServer } from './coap-poll-server.js';
import { toRequest } from './coap-request.js';
import { withSmallerBlocks } from './coap-smaller-blocks.js';
import type { CompleteOptions } from './deliverer-options.js';
import { toResult } from './to-result.js';

export interface DeliveryDependencies {
  readonly settings: CompleteOptions;
  /** The devices that are pushed to. */
  readonly peers: CoapPeers;
  /** Where devices poll, if they may. */
  readonly pollServer: PollServer | undefined;
  /** Reports what a response says of its command. */
  readonly report: ConnectorPort['report'];
  /** Aborts when the deliverer can wait no longer. */
  readonly closing: AbortSignal;
}

/** Hands one command to its device: locate → format → push, or answer the device's poll. */
export async function deliver(
  given: CommandMessage,
  context: DeliveryContext,
  { settings, peers, pollServer, report, closing }: DeliveryDependencies,
): Promise<DeliveryResult> {
  const wire = settings.wireOf(given);
  if (typeof wire === 'string') return { kind: 'rejected', reason: wire };
  const command = wire?.address(given) ?? given;
  const timeoutMs = remainingMs(command, settings.timeoutMs);
  using limit = startTimeLimit(timeoutMs, [context.signal, closing]);
  const ended = (unreachable: boolean): DeliveryResult =>
    limit.timedOut()
      ? { kind: 'retryable', reason: `no answer within ${timeoutMs} ms`, unreachable }
      : { kind: 'retryable', reason: 'the delivery was aborted', unreachable: false };
  try {
    const located = await limit.within(locate(command.deviceId, settings.directory));
    if (located === undefined) return ended(true);
    const { address, problem } = located;
    // Nothing gets to the device now: its commands wait, and no attempt of theirs counts.
    if (problem !== undefined) return { kind: 'retryable', reason: problem, unreachable: true };
    if (address === undefined && pollServer === undefined) return unknownDevice(command.deviceId);

    const payload = await limit.within(format(command, context, wire?.format ?? settings.formatCommand));
    if (payload === undefined) return ended(false);

    const obstacle = () => obstacleToSending(command, context);
    if (address === undefined) {
      const answered = await pollServer?.deliver({
        command,
        payload,
        context,
        obstacle,
        limit,
      });
      return answered ?? ended(true);
    }
    const request = toRequest(command, payload, address);
    const exchange = withEcho(withSmallerBlocks(peers.exchange));
    const outcome = await limit.within(
      exchange(request, { obstacle, stop: limit.signal, onTurn: limit.restart }),
    );
    if (outcome === undefined) return ended(true);
    const result = toResult(outcome);
    const said = outcome.kind === 'answered' ? judge(wire, outcome.answer, command) : undefined;
    if (said === undefined) return result;
    void report(said);
    return { kind: 'delivered', evidence: 'device' };
  } catch (error) {
    if (ValidationError.isInstance(error)) return { kind: 'rejected', reason: error.message };
    return { kind: 'retryable', reason: `the delivery failed: ${String(error)}`, unreachable: false };
  }
}

/** Returns what the answer says of the command. */
function judge(
  wire: CompiledRequestWire | undefined,
  { code, payload }: CoapAnswer,
  command: CommandMessage,
): DeviceReport | undefined {
  if (code === '5.00') return judgeInternalError(wire, payload, command);
  return code.startsWith('2.') ? judgeResponse(wire, payload, command) : undefined;
}

/** An expired command is never delivered, so nobody waits for its answer. */
function remainingMs({ expiresAt }: CommandMessage, timeoutMs: number): number {
  return expiresAt === undefined
    ? timeoutMs
    : Math.max(0, Math.min(timeoutMs, expiresAt.getTime() - Date.now()));
}

async function locate(
  deviceId: string,
  directory: DeviceDirectory,
): Promise<{ readonly address?: string | undefined; readonly problem?: string }> {
  try {
    return { address: await directory(deviceId) };
  } catch (error) {
    if (ValidationError.isInstance(error)) throw error;
    return { problem: `the device directory failed: ${String(error)}` };
  }
}

async function format(
  command: CommandMessage,
  { sequence }: DeliveryContext,
  formatCommand: FormatCommand,
): Promise<DevicePayload> {
  try {
    return (await formatCommand(command, { sequence })) ?? formatAsJson(command);
  } catch (cause) {
    if (ValidationError.isInstance(cause)) throw cause;
    const message = `cannot be formatted: ${String(cause)}`;
    throw new ValidationError('command', [{ path: 'payload', message }], { cause });
  }
}

function unknownDevice(deviceId: string): DeliveryResult {
  return { kind: 'rejected', reason: `the device directory has no address for "${deviceId}"` };
}
