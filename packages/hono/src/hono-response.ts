import {
  type ConsumedRecord,
  headerTexts,
  type PublishRecord,
  textHeaders,
  type WireEvents,
} from '@preservarium/backend';
import {
  type CommandState,
  decodeLifecycleEvent,
  encodeLifecycleEvent,
  exactNumbers,
  isJsonObject,
  type LifecycleEvent,
} from '@preservarium/core';
import { contentOfResult, type HonoContent, resultOfContent } from './hono-content.js';

/** The media type that distinguishes a failed delivery from the response of a device. */
const notificationType = 'application/vnd.eclipse-hono-delivery-failure-notification+json';
const adoptedPrefix = 'delivery-failure-notification-metadata';

/** The status of a device that says no more than its state. */
const statusOfAnswer: Partial<Record<CommandState, number>> = { failed: 500, rejected: 400 };

/** Returns the response to a command that has ended, or the notification that it was not delivered; undefined where the application wants none. */
export function encodeHonoResponse(
  record: ConsumedRecord,
  end: LifecycleEvent,
  tenant: string,
): Omit<PublishRecord, 'topic'> | undefined {
  const texts = headerTexts(record.headers);
  const { 'correlation-id': correlationId, device_id: deviceId = end.deviceId } = texts;
  if (texts['response-required'] !== 'true' || correlationId === undefined) return undefined;
  const isAnswer = end.evidence === 'device' || end.evidence === 'executed';
  const content = isAnswer ? answerOf(end) : notificationOf(end);
  const headers = textHeaders({
    'correlation-id': correlationId,
    'creation-time': String(end.timestamp.getTime()),
    device_id: deviceId,
    status: String(isAnswer ? (statusOfAnswer[end.state] ?? 200) : statusOfFailure(end)),
    tenant_id: tenant,
    ...(content !== undefined && { 'content-type': content.contentType }),
  });
  const adopted = isAnswer ? [] : record.headers.filter(([name]) => name.startsWith(adoptedPrefix));
  return { key: deviceId, value: content?.value ?? Buffer.alloc(0), headers: [...headers, ...adopted] };
}

function answerOf({ result, reason }: LifecycleEvent): HonoContent | undefined {
  const told = result ?? reason;
  return told === undefined ? undefined : contentOfResult(told, JSON.stringify(exactNumbers(told)));
}

function notificationOf({ state, reason }: LifecycleEvent): HonoContent {
  const value = Buffer.from(JSON.stringify({ error: reason === undefined ? state : `${state}: ${reason}` }));
  return { value, contentType: notificationType };
}

/** 400 where the command itself is the reason, else 503. */
function statusOfFailure({ state, commandType }: LifecycleEvent): number {
  return state === 'rejected' || commandType === undefined ? 400 : 503;
}

/**
 * Reads a response: the state is `succeeded` for a status of 2xx, `rejected` for 4xx and `failed` for 5xx of the device; `dead` where the command was not
 * delivered.
 */
export function decodeHonoResponse(record: ConsumedRecord): WireEvents {
  const texts = headerTexts(record.headers);
  const { 'correlation-id': requestId, device_id: deviceId, 'content-type': contentType, status } = texts;
  if (requestId === undefined || deviceId === undefined || !/^[2-5]\d\d$/.test(status ?? ''))
    return invalid('a response needs the headers correlation-id, device_id and status (200 to 599)');
  const result = resultOfContent(
    record.value,
    contentType?.startsWith(notificationType) ? undefined : contentType,
  );
  const timestamp = timeOf(texts['creation-time']) ?? new Date(record.timestampMs);
  const ids = { requestId, deviceId, timestamp };
  if (contentType?.startsWith(notificationType))
    return eventsOf([{ ...ids, state: 'dead', reason: `status ${status}: ${errorOf(result)}` }]);
  const state = status?.startsWith('2') ? 'succeeded' : status?.startsWith('4') ? 'rejected' : 'failed';
  return eventsOf([
    // A device answers what was sent to it.
    { ...ids, state: 'dispatched' },
    {
      ...ids,
      state,
      evidence: 'executed',
      ...(result !== undefined && { result }),
      ...(state !== 'succeeded' && { reason: `status ${status}` }),
    },
  ]);
}

function errorOf(content: unknown): string {
  return isJsonObject(content) && typeof content.error === 'string' ? content.error : 'no error is given';
}

function timeOf(text: string | undefined): Date | undefined {
  const time = new Date(/^\d+$/.test(text ?? '') ? Number(text) : Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** Events as they would be read from Kafka, within the same bounds. */
function eventsOf(events: readonly LifecycleEvent[]): WireEvents {
  const read = events.map((event) => decodeLifecycleEvent(encodeLifecycleEvent(event)));
  const failure = read.find((each) => !each.ok);
  return failure ?? { ok: true, events: read.flatMap((each) => (each.ok ? [each.event] : [])) };
}

function invalid(message: string): WireEvents {
  return { ok: false, message };
}
