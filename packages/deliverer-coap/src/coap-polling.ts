import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConnectorPort, DeliveryResult } from '@preservarium/connector';
import { ValidationError } from '@preservarium/core';
import type { IncomingMessage, ObserveWriteStream, OutgoingMessage } from 'coap';
import { type CoapAcknowledgement, parseAcknowledgement } from './coap-acknowledgement.js';
import { type CommandAnswer, writeCommandOptions } from './coap-command-answer.js';
import { type DeviceRequest, parseDeviceRequest } from './coap-device-request.js';
import { createObservers } from './coap-observers.js';
import { createOpenRequests, type OpenRequest } from './coap-open-requests.js';
import { createRecentAcknowledgements } from './coap-recent-acknowledgements.js';
import { unlessStopped } from './coap-stop.js';

/** Brings together the commands that go out and the requests of the devices that poll. */
export interface Polling {
  /** As `PollServer.deliver`. */
  deliver(deviceId: string, answer: CommandAnswer, stop: AbortSignal): Promise<DeliveryResult | undefined>;
  /** A request of a device. */
  answer(request: IncomingMessage, response: OutgoingMessage): void;
  /** A request of a device that wants to be told whenever there is something new. */
  observe(request: IncomingMessage, stream: ObserveWriteStream): void;
  close(): void;
}

/** A command that its device has yet to acknowledge. */
interface Delivery {
  readonly answer: CommandAnswer;
  wasSent: boolean;
  settle(result: DeliveryResult): void;
}

/** How long a request is kept open when something waits; less than the 2 s after which devices repeat theirs. */
export const holdMs = 1_500;
/** Before a notification is repeated; doubled each time (RFC 7252, section 4.8: ACK_TIMEOUT). */
const firstRepeatMs = 2_000;
const maxReportsUnderWay = 1_000;
const comeBackAfterSeconds = 60;

export function createPolling(
  connector: ConnectorPort,
  { maxDevices }: { readonly maxDevices: number },
): Polling {
  const openRequests = createOpenRequests({ maxDevices, holdMs });
  const observers = createObservers({ maxDevices });
  const deliveries = new Map<string, Delivery>();
  const acknowledged = createRecentAcknowledgements();
  let reportsUnderWay = 0;

  // ---- commands that go out

  async function deliver(
    deviceId: string,
    answer: CommandAnswer,
    stop: AbortSignal,
  ): Promise<DeliveryResult | undefined> {
    if (!openRequests.has(deviceId) && !observers.has(deviceId)) {
      return { kind: 'retryable', reason: 'the device has not asked yet', unreachable: true };
    }
    const { promise, resolve } = Promise.withResolvers<DeliveryResult>();
    const delivery: Delivery = { answer, wasSent: false, settle: resolve };
    deliveries.set(deviceId, delivery);
    const request = openRequests.take(deviceId);
    if (request !== undefined) respond(request, delivery);
    const endRepeats = request === undefined ? notifyUntilEnded(deviceId, delivery) : undefined;
    const result = await unlessStopped(stop, promise);
    endRepeats?.();
    if (deliveries.get(deviceId) === delivery) deliveries.delete(deviceId);
    // It has gone, or lost what it knew: a device that is there registers anew (RFC 7641, section 3.3.1).
    if (result === undefined && request === undefined) observers.deregister(deviceId);
    return result;
  }

  function respond({ response, block }: OpenRequest, delivery: Delivery): void {
    const bytes = writeCommandOptions(response, next(delivery), block);
    if (bytes === undefined) end(response, '4.00', 'the command has no such block');
    else response.end(bytes);
  }

  function notifyUntilEnded(deviceId: string, delivery: Delivery): () => void {
    let timer: NodeJS.Timeout;
    function notify(repeatMs: number): void {
      observers.notify(deviceId, next(delivery));
      timer = setTimeout(() => notify(repeatMs * 2), repeatMs);
    }
    notify(firstRepeatMs);
    return () => clearTimeout(timer);
  }

  function next(delivery: Delivery): CommandAnswer {
    const { answer, wasSent } = delivery;
    delivery.wasSent = true;
    return wasSent ? { ...answer, mayBeRepeat: true } : answer;
  }

  // ---- requests that come in

  function answer(request: IncomingMessage, response: OutgoingMessage): void {
    // An answer that does not arrive is not acknowledged, so its delivery ends at its deadline: nothing is left to do.
    response.on('error', () => response.destroy());
    const asked = parseDeviceRequest(request);
    const key = `${endpointOf(request)} ${request._packet.messageId} ${request._packet.token?.toString('hex')}`;
    switch (asked.kind) {
      case 'unknown':
        end(response, '4.04');
        break;
      case 'acknowledgement':
        void acknowledge(asked.deviceId, asked.requestId, request.payload, response);
        break;
      case 'telemetry':
        response.statusCode = '2.04';
        give(asked.deviceId, { key, response, block: undefined });
        break;
      case 'next block':
        giveBlock(asked.deviceId, { key, response, block: asked.block });
        break;
      case 'deregistration':
        observers.deregister(asked.deviceId, endpointOf(request));
        end(response, '2.05');
        break;
      case 'next command':
        takeNote(asked);
        give(asked.deviceId, { key, response, block: asked.block });
        break;
    }
  }

  function observe(request: IncomingMessage, stream: ObserveWriteStream): void {
    const asked = parseDeviceRequest(request);
    if (asked.kind !== 'next command') {
      endStream(stream, '4.04');
      return;
    }
    const { deviceId } = asked;
    takeNote(asked);
    if (!observers.register(deviceId, endpointOf(request), stream)) {
      endStream(stream, '5.03');
      return;
    }
    const delivery = deliveries.get(deviceId);
    observers.notify(deviceId, delivery && next(delivery));
    if (delivery === undefined) connector.reachable(deviceId);
  }

  function takeNote({ deviceId, acknowledged: requestId }: Extract<DeviceRequest, { kind: 'next command' }>) {
    if (requestId !== undefined) void settle(deviceId, requestId, { state: 'delivered' });
  }

  function give(deviceId: string, request: OpenRequest): void {
    const delivery = deliveries.get(deviceId);
    if (delivery !== undefined) respond(request, delivery);
    else if (!openRequests.hold(deviceId, request)) endBusy(request.response);
    else if (!connector.reachable(deviceId)) openRequests.dismiss(deviceId);
  }

  function giveBlock(deviceId: string, request: OpenRequest): void {
    const delivery = deliveries.get(deviceId);
    if (delivery === undefined) end(request.response, '4.04', 'no command is under way');
    else respond(request, delivery);
  }

  // ---- what devices say about their commands

  async function acknowledge(
    deviceId: string,
    requestId: string,
    body: Buffer,
    response: OutgoingMessage,
  ): Promise<void> {
    let acknowledgement: CoapAcknowledgement;
    try {
      acknowledgement = parseAcknowledgement(body);
    } catch (error) {
      end(response, '4.00', ValidationError.isInstance(error) ? error.message : String(error));
      return;
    }
    if (await settle(deviceId, requestId, acknowledgement)) end(response, '2.04');
    else endBusy(response);
  }

  /** Returns whether the connector has it. */
  async function settle(
    deviceId: string,
    requestId: string,
    acknowledgement: CoapAcknowledgement,
  ): Promise<boolean> {
    const delivery = deliveries.get(deviceId);
    if (delivery?.answer.requestId === requestId) {
      deliveries.delete(deviceId);
      acknowledged.add(deviceId, requestId);
      delivery.settle(toResult(acknowledgement));
      if (acknowledgement.state === 'delivered' || acknowledgement.state === 'rejected') return true;
      // The connector says first that the command is delivered, and then how it ended.
      await nextTurn();
    } else if (acknowledgement.state === 'delivered' && acknowledged.has(deviceId, requestId)) {
      return true;
    }
    if (reportsUnderWay >= maxReportsUnderWay) return false;
    reportsUnderWay++;
    await connector.report({ deviceId, requestId, ...acknowledgement });
    reportsUnderWay--;
    return true;
  }

  return { deliver, answer, observe, close: openRequests.dismissAll };
}

function toResult({ state, reason, result }: CoapAcknowledgement): DeliveryResult {
  if (state === 'rejected') return { kind: 'rejected', reason: reason ?? 'the device rejected it' };
  const said = state === 'delivered' && result !== undefined ? { result } : {};
  return { kind: 'delivered', evidence: 'device', ...said };
}

function endpointOf({ rsinfo }: IncomingMessage): string {
  return `${rsinfo.address} ${rsinfo.port}`;
}

function end(response: OutgoingMessage, code: string, diagnostic?: string): void {
  response.statusCode = code;
  response.setOption('Max-Age', 0);
  response.end(diagnostic === undefined ? undefined : Buffer.from(diagnostic.slice(0, 200)));
}

function endBusy(response: OutgoingMessage): void {
  response.statusCode = '5.03';
  response.setOption('Max-Age', comeBackAfterSeconds);
  response.end();
}

/** A registration that is refused gets an answer without the Observe option (RFC 7641, section 4.1). */
function endStream(stream: ObserveWriteStream, code: string): void {
  stream.statusCode = code;
  stream.setOption('Max-Age', code === '5.03' ? comeBackAfterSeconds : 0);
  stream.end();
}
