import {
  type CommandMessage,
  cutText,
  isJsonObject,
  type JsonValue,
  payloadContent,
} from '@preservarium/core';
import type { DeviceReport } from '../deliverer.js';
import { type DeviceResult, deviceResult } from '../device-json.js';
import type { DevicePayload } from '../format-command.js';
import { type AnswerCondition, compileCondition, compilePointer, type SentValues } from './condition.js';
import { briefly, formatAs, type PayloadForm, parseForm } from './payload-form.js';

/** How a device wants its commands, and answers them. */
export interface DeviceWire {
  /** Default `json`. */
  readonly payload?: PayloadForm;
  /**
   * JSON around the payload, for devices that want a frame. In its texts `{deviceId}`, `{requestId}` and `{commandType}` stand for those of the command; the text `{value}` alone is
   * the payload. Default: none.
   */
  readonly frame?: JsonValue;
  /** Absent: the device does not answer. */
  readonly answer?: DeviceAnswerRules;
}

export interface DeviceAnswerRules {
  /** Default `json`. */
  readonly payload?: PayloadForm;
  /** Which messages are answers to the command; others are passed over. Default: all that say that it succeeded or failed. */
  readonly match?: AnswerCondition;
  /** Default: any answer that does not say that it failed. */
  readonly success?: AnswerCondition;
  /** Default: none. */
  readonly failure?: AnswerCondition;
  /** JSON pointer to the result. Default: the whole answer. */
  readonly result?: string;
  /** JSON pointer to the reason of a failure. Default: the whole answer. */
  readonly reason?: string;
}

export interface CompiledWire {
  /** @throws ValidationError where the payload has no form that the device takes */
  format(command: CommandMessage): DevicePayload;
  /** Returns what an answer says of a command; undefined where it is none to it. Absent: the device does not answer. */
  readonly judge?: (
    bytes: Buffer,
    command: CommandMessage,
  ) => Pick<DeviceReport, 'state' | 'reason' | 'result'> | undefined;
}

/** @throws Error that names the part and says what is wrong */
export function compileWire({ payload = 'json', frame, answer }: DeviceWire): CompiledWire {
  return {
    format(command) {
      return frame === undefined ? formatAs(payload, command) : formatFrame(frame, command);
    },
    ...(answer !== undefined && { judge: compileAnswer(answer) }),
  };
}

function compileAnswer({
  payload = 'json',
  match,
  success,
  failure,
  result = '',
  reason = '',
}: DeviceAnswerRules) {
  const conditions = { match, success, failure };
  const compiled = Object.fromEntries(
    Object.entries(conditions).map(([name, condition]) => [name, condition && compileNamed(name, condition)]),
  ) as { readonly [Name in keyof typeof conditions]: ReturnType<typeof compileCondition> | undefined };
  const [resultOf, reasonOf] = [compilePointer(result), compilePointer(reason)];

  return (
    bytes: Buffer,
    command: CommandMessage,
  ): Pick<DeviceReport, 'state' | 'reason' | 'result'> | undefined => {
    const parsed = parseForm(payload, bytes);
    if (!parsed.ok) return undefined;
    const { value } = parsed;
    const sent = sentValues(command);
    if (compiled.match?.(value, sent) === false) return undefined;
    if (compiled.failure?.(value, sent)) {
      return {
        state: 'failed',
        reason: cutText(briefly(reasonOf(value) ?? value)),
        ...withoutReason(deviceResult(resultOf(value))),
      };
    }
    if (compiled.success?.(value, sent) === false) return undefined;
    return { state: 'succeeded', ...deviceResult(resultOf(value)) };
  };
}

function compileNamed(name: string, condition: AnswerCondition) {
  try {
    return compileCondition(condition);
  } catch (cause) {
    throw new Error(`answer.${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function withoutReason({ result }: DeviceResult): DeviceResult {
  return result === undefined ? {} : { result };
}

function sentValues({ requestId, payload }: CommandMessage): SentValues {
  const content = payloadContent(payload);
  return { requestId, value: content.kind === 'json' ? content.value : content.bytes.toString('hex') };
}

/** Stands for the value until its text is put in, with all digits of its numbers. */
const valueMark = '\0value';

function formatFrame(frame: JsonValue, command: CommandMessage): DevicePayload {
  const content = payloadContent(command.payload);
  const value =
    content.kind === 'json' ? content.text.toString() : JSON.stringify(content.bytes.toString('hex'));
  const text = JSON.stringify(fillFrame(frame, command)).replaceAll(JSON.stringify(valueMark), () => value);
  return { bytes: Buffer.from(text), contentType: 'application/json' };
}

function fillFrame(frame: JsonValue, command: CommandMessage): JsonValue {
  if (Array.isArray(frame)) return frame.map((each) => fillFrame(each, command));
  if (isJsonObject(frame)) {
    return Object.fromEntries(Object.entries(frame).map(([key, each]) => [key, fillFrame(each, command)]));
  }
  if (typeof frame !== 'string') return frame;
  const { deviceId, requestId, commandType } = command;
  return frame.replace(
    /\{(\w+)\}/g,
    (text, name) => ({ deviceId, requestId, commandType, value: valueMark })[String(name)] ?? text,
  );
}
