import { setImmediate as nextTurn } from 'node:timers/promises';
import { startTimer, type TimeLimit, type Timer } from '@preservarium/concurrency';
import { ValidationError } from '@preservarium/core';
import {
  type ConnectorPort,
  type DeliveryResult,
  type ReportOutcome,
  readSettingsPatch,
} from '@preservarium/deliverer';
import type { IncomingMessage, ObserveWriteStream, OutgoingMessage } from 'coap';
import { parseAcknowledgement } from './coap-acknowledgement.js';
import { type DeviceRequest, parseDeviceRequest } from './coap-device-request.js';
import { createObservers } from './coap-observers.js';
import { createOpenRequests, type OpenRequest } from './coap-open-requests.js';
import { refuseRegistration, respond, respondBusy, respondWith } from './coap-responses.js';
import { createUnacknowledged, type OutgoingAnswer } from './coap-unacknowledged.js';

/** Brings together the commands that go out and the requests of the devices that poll. */
export interface Polling {
  /** As `PollServer.deliver`. */
  deliver(deviceId: string, outgoing: OutgoingAnswer, limit: TimeLimit): Promise<DeliveryResult | undefined>;
  /** A request of a device. */
  answer(request: IncomingMessage, response: OutgoingMessage): void;
  /** A request of a device that observes its commands. */
  observe(request: IncomingMessage, stream: ObserveWriteStream): void;
  /** Answers every request that is still open. */
  close(): void;
}

type Asked<Kind extends DeviceRequest['kind']> = Extract<DeviceRequest, { kind: Kind }>;

/** How long a request is kept open when something waits; less than the 2 s after which devices repeat theirs. */
export const holdMs = 1_500;
/** Before a notification is repeated; doubled each time (RFC 7252, section 4.8: ACK_TIMEOUT). */
const firstRepeatMs = 2_000;
const maxReportsBeingKept = 1_000;
/** A datagram has fewer. */
const maxReportBytes = 2_048;
const busy: ReportOutcome = { kind: 'later', afterMs: 60_000 };

export function createPolling(
  connector: ConnectorPort,
  { maxDevices }: { readonly maxDevices: number },
): Polling {
  const openRequests = createOpenRequests({ maxDevices, holdMs });
  const observers = createObservers({ maxDevices });
  const unacknowledged = createUnacknowledged(connector);
  const beingKept = new Set<OutgoingMessage>();

  // ---- commands that go out

  async function deliver(
    deviceId: string,
    outgoing: OutgoingAnswer,
    limit: TimeLimit,
  ): Promise<DeliveryResult | undefined> {
    const late = unacknowledged.takeLate(deviceId, outgoing.answer);
    if (late !== undefined) return late;
    if (!openRequests.has(deviceId) && !observers.has(deviceId)) {
      return { kind: 'retryable', reason: 'the device has not asked yet', unreachable: true };
    }
    const obstacle = outgoing.obstacle();
    if (obstacle !== undefined) return obstacle;
    const request = openRequests.take(deviceId);
    const acknowledging = unacknowledged.add(deviceId, outgoing);
    if (request !== undefined) give(deviceId, request);
    const endRepeats = request === undefined ? notifyRepeatedly(deviceId) : undefined;
    const result = await limit.within(acknowledging);
    endRepeats?.();
    unacknowledged.remove(deviceId, outgoing);
    // It has gone, or lost what it knew: a device that is there registers anew (RFC 7641, section 3.3.1).
    if (limit.timedOut() && request === undefined) observers.deregister(deviceId);
    return result;
  }

  function notifyRepeatedly(deviceId: string): () => void {
    let timer: Timer | undefined;
    function notify(repeatMs: number): void {
      const command = unacknowledged.toSend(deviceId);
      if (command === undefined) return;
      observers.notify(deviceId, command);
      timer = startTimer(() => notify(repeatMs * 2), repeatMs);
    }
    notify(firstRepeatMs);
    return () => timer?.clear();
  }

  // ---- requests that come in

  function answer(request: IncomingMessage, response: OutgoingMessage): void {
    // An answer that does not arrive is not acknowledged, so its delivery ends at its deadline: nothing is left to do.
    response.on('error', () => response.destroy());
    if (request.method === 'POST') response.statusCode = '2.04';
    const asked = parseDeviceRequest(request);
    const open = { key: messageOf(request), response };
    switch (asked.kind) {
      case 'unknown':
        respond(response, '4.04');
        break;
      case 'acknowledgement':
        void keep(response, () => acknowledge(asked, request.payload));
        break;
      case 'reported settings':
        void keep(response, () => takeReported(asked, request.payload));
        break;
      case 'telemetry':
        giveOrHold(asked.deviceId, { ...open, block: asked.block });
        break;
      case 'next command':
        takeNote(asked);
        giveOrHold(asked.deviceId, { ...open, block: asked.block });
        if (asked.acknowledged !== undefined) void dismissIfDone(asked.deviceId);
        break;
      case 'next block':
        if (!give(asked.deviceId, { ...open, block: asked.block })) {
          respond(response, '4.04', 'no command is in flight');
        }
        break;
      case 'deregistration':
        observers.deregister(asked.deviceId, endpointOf(request));
        respond(response, '2.05');
        break;
    }
  }

  function give(deviceId: string, request: OpenRequest): boolean {
    const isContinued = request.block !== undefined && request.block.number > 0;
    const command = isContinued ? unacknowledged.sent(deviceId) : unacknowledged.toSend(deviceId);
    if (command !== undefined) respondWith(request, command);
    return command !== undefined;
  }

  function giveOrHold(deviceId: string, request: OpenRequest): void {
    if (give(deviceId, request)) return;
    if (!openRequests.hold(deviceId, request)) respondBusy(request.response);
    else if (!connector.reachable(deviceId)) dismiss(deviceId, request);
  }

  /** Telemetry was taken, wherever the commands of the device are. */
  function dismiss(deviceId: string, { response }: OpenRequest): void {
    const isTelemetry = response.statusCode === '2.04';
    if (isTelemetry || !connector.turnsAway?.(deviceId)) openRequests.dismiss(deviceId);
    else {
      const open = openRequests.take(deviceId);
      if (open !== undefined) respondBusy(open.response);
    }
  }

  /** The command that was just acknowledged counts as waiting until the connector has had its turn. */
  async function dismissIfDone(deviceId: string): Promise<void> {
    await nextTurn();
    if (openRequests.has(deviceId) && !connector.reachable(deviceId)) openRequests.dismiss(deviceId);
  }

  function observe(request: IncomingMessage, stream: ObserveWriteStream): void {
    const asked = parseDeviceRequest(request);
    if (asked.kind === 'next block' && continueNotification(asked, stream)) return;
    if (asked.kind !== 'next command') {
      refuseRegistration(stream, '4.04');
      return;
    }
    takeNote(asked);
    const { deviceId } = asked;
    if (connector.turnsAway?.(deviceId) && !connector.reachable(deviceId)) {
      refuseRegistration(stream, '5.03');
      return;
    }
    if (!observers.register(deviceId, endpointOf(request), stream)) {
      refuseRegistration(stream, '5.03');
      return;
    }
    const command = unacknowledged.toSend(deviceId);
    observers.notify(deviceId, command);
    if (command === undefined) connector.reachable(deviceId);
  }

  /** node-coap's clients ask for the further blocks of a notification as if they registered anew. */
  function continueNotification(
    { deviceId, block }: Asked<'next block'>,
    stream: ObserveWriteStream,
  ): boolean {
    const command = unacknowledged.sent(deviceId);
    return command !== undefined && observers.sendBlock(deviceId, command, block, stream);
  }

  // ---- what devices say

  function takeNote({ deviceId, acknowledged: requestId }: Asked<'next command'>): void {
    if (requestId !== undefined) {
      void unacknowledged.acknowledge(deviceId, requestId, { state: 'delivered' });
    }
  }

  async function acknowledge(
    { deviceId, requestId }: Asked<'acknowledgement'>,
    body: Buffer,
  ): Promise<ReportOutcome> {
    const isKept = await unacknowledged.acknowledge(deviceId, requestId, parseAcknowledgement(body));
    return isKept ? { kind: 'kept' } : busy;
  }

  async function takeReported(
    { deviceId }: Asked<'reported settings'>,
    body: Buffer,
  ): Promise<ReportOutcome> {
    const read = readSettingsPatch(body, { maxBytes: maxReportBytes });
    if (!read.ok) throw new ValidationError('settings', [{ path: '', message: read.problem }]);
    return beingKept.size > maxReportsBeingKept ? busy : connector.reported(deviceId, read.patch);
  }

  /** Answers 2.04 once Kafka has the report of the device, otherwise with the outcome of the report. */
  async function keep(response: OutgoingMessage, take: () => Promise<ReportOutcome>): Promise<void> {
    beingKept.add(response);
    try {
      const outcome = await take();
      if (!beingKept.has(response)) return;
      if (outcome.kind === 'kept') respond(response, '2.04');
      // Unprocessable Entity (RFC 8132, section 2.2).
      else if (outcome.kind === 'refused') respond(response, '4.22', outcome.reason);
      else respondBusy(response, outcome.afterMs);
    } catch (error) {
      respond(response, '4.00', ValidationError.isInstance(error) ? error.message : String(error));
    } finally {
      beingKept.delete(response);
    }
  }

  function close(): void {
    openRequests.dismissAll();
    for (const response of beingKept) respondBusy(response);
    beingKept.clear();
  }

  return { deliver, answer, observe, close };
}

function endpointOf({ rsinfo }: IncomingMessage): string {
  return `${rsinfo.address} ${rsinfo.port}`;
}

/** The same for a message and its repetitions (RFC 7252, section 4.5). */
function messageOf(request: IncomingMessage): string {
  const { messageId, token } = request._packet;
  return `${endpointOf(request)} ${messageId} ${token?.toString('hex')}`;
}
