import { type CommandMessage, ValidationError } from '@preservarium/core';
import {
  type DeliveryContext,
  type DeliveryResult,
  type DeviceDirectory,
  type DevicePayload,
  type FormatCommand,
  formatAsJson,
  obstacleToSending,
} from '@preservarium/deliverer';
import { withEcho } from './coap-echo.js';
import type { CoapPeers } from './coap-peers.js';
import type { PollServer } from './coap-poll-server.js';
import { toRequest } from './coap-request.js';
import { createStop, type Stop, unlessStopped } from './coap-stop.js';
import type { CompleteOptions } from './deliverer-options.js';
import { toResult } from './to-result.js';

export interface DeliveryDependencies {
  readonly settings: CompleteOptions;
  /** The devices that are pushed to. */
  readonly peers: CoapPeers;
  /** Where devices poll, if they may. */
  readonly pollServer: PollServer | undefined;
  /** Aborts when the deliverer can wait no longer. */
  readonly closing: AbortSignal;
}

/** Hands one command to its device: locate → format → push, or answer the device's poll. */
export async function deliver(
  command: CommandMessage,
  context: DeliveryContext,
  { settings, peers, pollServer, closing }: DeliveryDependencies,
): Promise<DeliveryResult> {
  using stop = createStop(remainingMs(command, settings.timeoutMs), [context.signal, closing]);
  try {
    const located = await unlessStopped(stop.signal, locate(command.deviceId, settings.directory));
    if (located === undefined) return stopped(stop, true);
    const { address, problem } = located;
    // Nothing gets to the device now: its commands wait, and no attempt of theirs counts.
    if (problem !== undefined) return { kind: 'retryable', reason: problem, unreachable: true };
    if (address === undefined && pollServer === undefined) return unknownDevice(command.deviceId);

    const payload = await unlessStopped(stop.signal, format(command, settings.formatCommand));
    if (payload === undefined) return stopped(stop, false);

    const obstacle = () => obstacleToSending(command, context);
    if (address === undefined) {
      const answered = await pollServer?.deliver({
        command,
        payload,
        mayBeRepeat: context.mayBeRepeat,
        obstacle,
        stop,
      });
      return answered ?? stopped(stop, true);
    }
    const request = toRequest(command, payload, address);
    const outcome = await unlessStopped(
      stop.signal,
      withEcho(peers.exchange)(request, { obstacle, stop: stop.signal }),
    );
    return outcome === undefined ? stopped(stop, true) : toResult(outcome);
  } catch (error) {
    if (ValidationError.isInstance(error)) return { kind: 'rejected', reason: error.message };
    return { kind: 'retryable', reason: `the delivery failed: ${String(error)}`, unreachable: false };
  }
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

async function format(command: CommandMessage, formatCommand: FormatCommand): Promise<DevicePayload> {
  try {
    return (await formatCommand(command)) ?? formatAsJson(command);
  } catch (cause) {
    if (ValidationError.isInstance(cause)) throw cause;
    const message = `cannot be formatted: ${String(cause)}`;
    throw new ValidationError('command', [{ path: 'payload', message }], { cause });
  }
}

/** @param waited for the device, or for who knows where it is */
function stopped(stop: Stop, waited: boolean): DeliveryResult {
  return { kind: 'retryable', reason: stop.reason(), unreachable: waited && stop.isDeadline() };
}

function unknownDevice(deviceId: string): DeliveryResult {
  return { kind: 'rejected', reason: `the device directory has no address for "${deviceId}"` };
}
