import { type DeviceReport, traceContextOf } from '@preservarium/connector';
import type { JsonValue } from '@preservarium/core';
import type { IPublishPacket } from 'mqtt';
import type { TopicTemplate } from './mqtt-topic-template.js';

/** What a device said on its response topic; `deviceId` where at least that is sure. */
export type MqttDeviceAnswer =
  | { readonly kind: 'report'; readonly report: DeviceReport }
  | { readonly kind: 'unreadable'; readonly problem: string; readonly deviceId?: string };

export interface AnswerRules {
  readonly responses: TopicTemplate;
  readonly maxAnswerBytes: number;
}

const states = ['delivered', 'succeeded', 'failed', 'rejected'] as const;
const maxIdCharacters = 256;
const maxReasonCharacters = 1_000;
const maxLevels = 64;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads what a device sent; undefined where the topic is none to answer on. Never throws. */
export function readAnswer(packet: IPublishPacket, rules: AnswerRules): MqttDeviceAnswer | undefined {
  const ids = rules.responses.read(packet.topic);
  if (ids === undefined) return undefined;
  const { deviceId } = ids;
  if (!isId(deviceId)) return unreadable('the device id is not one that a command can have');
  if (packet.retain) return unreadable('it is retained: an answer is for once');
  const problem = (text: string) => unreadable(text, deviceId);

  const correlated = packet.properties?.correlationData?.toString();
  if (correlated !== undefined && ids.requestId !== undefined && correlated !== ids.requestId) {
    return problem('the topic and the correlation data name different requests');
  }
  const requestId = ids.requestId ?? correlated;
  if (requestId === undefined || !isId(requestId)) return problem('it names no request');

  const { length } = packet.payload;
  if (length > rules.maxAnswerBytes)
    return problem(`it has ${length} bytes, more than ${rules.maxAnswerBytes}`);
  const body = length === 0 ? { status: 'delivered' } : parseObject(packet.payload);
  if (body === undefined) return problem('it is not a JSON object in UTF-8');
  const { status, reason, result } = body;
  const state = states.find((known) => known === status);
  if (state === undefined) return problem(`status must be one of ${states.join(', ')}`);
  if (reason !== undefined && typeof reason !== 'string') return problem('reason must be text');
  if (!isAtMostNested(result, maxLevels))
    return problem(`result is nested more than ${maxLevels} levels deep`);
  const trace = traceContextOf(packet.properties?.userProperties);
  return {
    kind: 'report',
    report: {
      deviceId,
      requestId,
      state,
      ...(reason !== undefined && { reason: reason.slice(0, maxReasonCharacters).toWellFormed() }),
      ...(result !== undefined && { result }),
      ...(trace.traceparent !== undefined && { headers: { ...trace } }),
    },
  };
}

function unreadable(problem: string, deviceId?: string): MqttDeviceAnswer {
  return { kind: 'unreadable', problem, ...(deviceId !== undefined && { deviceId }) };
}

function isId(text: string): boolean {
  return text !== '' && text.length <= maxIdCharacters && text.isWellFormed() && !/\p{Cc}/u.test(text);
}

function parseObject(payload: IPublishPacket['payload']): Readonly<Record<string, JsonValue>> | undefined {
  try {
    const value: unknown = JSON.parse(typeof payload === 'string' ? payload : utf8.decode(payload));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deeper ones cannot be written as JSON again without end of the stack. */
function isAtMostNested(value: JsonValue | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isAtMostNested(inner, levels - 1));
}
