import type { TopicTemplate } from '@preservarium/core';
import { cutText, exactMember } from '@preservarium/core';
import { type DeviceReport, deviceResult, readTraceContext, resultLeftOut } from '@preservarium/deliverer';
import type { IPublishPacket } from 'mqtt';
import { isId, parseJsonObject } from './mqtt-json-object.js';

/** An answer on a response topic; `deviceId` if at least that is certain. */
export type MqttDeviceAnswer =
  | { readonly kind: 'report'; readonly report: DeviceReport }
  | { readonly kind: 'unreadable'; readonly problem: string; readonly deviceId?: string };

export interface AnswerRules {
  readonly responses: TopicTemplate;
  readonly maxAnswerBytes: number;
}

const states = ['delivered', 'succeeded', 'failed', 'rejected'] as const;

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

  const trace = readTraceContext(packet.properties?.userProperties);
  const ofDevice = { deviceId, requestId, ...(trace.traceparent !== undefined && { headers: { ...trace } }) };
  const { length } = packet.payload;
  if (length > rules.maxAnswerBytes) {
    // The content does not matter: the device has the command.
    const said = resultLeftOut(`the answer has ${length} bytes, the limit is ${rules.maxAnswerBytes}`);
    return { kind: 'report', report: { ...ofDevice, state: 'delivered', ...said } };
  }
  const body = length === 0 ? { status: 'delivered' } : parseJsonObject(packet.payload);
  if (body === undefined) return problem('it is not a JSON object in UTF-8');
  const { status, reason } = body;
  const state = states.find((known) => known === status);
  if (state === undefined) return problem(`status must be one of ${states.join(', ')}`);
  if (reason !== undefined && typeof reason !== 'string') return problem('reason must be text');
  const said = deviceResult(exactMember(body, 'result'), reason && cutText(reason).toWellFormed());
  return { kind: 'report', report: { ...ofDevice, state, ...said } };
}

function unreadable(problem: string, deviceId?: string): MqttDeviceAnswer {
  return { kind: 'unreadable', problem, ...(deviceId !== undefined && { deviceId }) };
}
