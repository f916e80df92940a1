import {
  applyPayloadSchema,
  ClosedError,
  type CommandInput,
  type CommandMessage,
  encodeCommand,
  encodeSettings,
  MessageTooLargeError,
  PublishFailedError,
  PusherError,
  parseCommand,
  parseCommandDict,
  parseSettings,
  ValidationError,
} from '@preservarium/core';
import type { PublishOutcome, PublishRecord } from './publisher-backend.js';
import { pushInChunks } from './push-in-chunks.js';
import type {
  CommandOutcome,
  PusherService,
  PusherServiceSettings,
  PushOptions,
  PushReceipt,
} from './pusher-service.js';

/**
 * Creates the service that applications push with. It connects at the first push, or when `connect` is called.
 *
 * ```ts
 * const service = createPusherService({ backend: createKafkajsBackend({ brokers: ['localhost:9092'] }) });
 * await service.pushCommand({ deviceId: 'device123', commandType: 'set_led', protocol: 'mqtt', payload: { state: 'on' } });
 * await service.close();
 * ```
 */
export function createPusherService(settings: PusherServiceSettings): PusherService {
  const {
    backend,
    commandTopic = 'device_commands',
    settingsTopic = 'device_settings',
    protocols = [],
  } = settings;
  const { timeoutMs: defaultTimeoutMs = 30_000, limits = {}, logger, clock = Date.now } = settings;
  const { maxMessageBytes = 1_000_000, maxInFlight = 10_000 } = limits;
  let closed = false;

  // The way of a command: validate → encode → publish.

  async function pushCommand(input: CommandInput, options: PushOptions = {}): Promise<PushReceipt> {
    const command = validate(await applyPayloadSchema(input));
    return publish(command.requestId, encode(command), options);
  }

  async function pushCommandDict(dict: Readonly<Record<string, unknown>>, options: PushOptions = {}) {
    const command = refuseExpired(parseCommandDict(dict, { protocols }));
    return publish(command.requestId, encode(command), options);
  }

  async function pushChunk(inputs: readonly CommandInput[], firstIndex: number, options: PushOptions) {
    const outcomes: CommandOutcome[] = new Array(inputs.length);
    const records: PublishRecord[] = [];
    const pushed: { readonly position: number; readonly requestId: string }[] = [];
    for (const [position, input] of inputs.entries()) {
      try {
        const checked = applyPayloadSchema(input);
        const command = validate(checked instanceof Promise ? await checked : checked);
        records.push(encode(command));
        pushed.push({ position, requestId: command.requestId });
      } catch (error) {
        outcomes[position] = { ok: false, index: firstIndex + position, error: toPusherError(error), input };
      }
    }
    const published = await publishAll(records, options);
    for (const [index, { position, requestId }] of pushed.entries()) {
      const outcome = published[index] as PublishOutcome;
      log(requestId, records[index] as PublishRecord, outcome);
      outcomes[position] = outcome.ok
        ? { ok: true, index: firstIndex + position, requestId, receipt: outcome.receipt }
        : {
            ok: false,
            index: firstIndex + position,
            error: outcome.error,
            input: inputs[position] as CommandInput,
          };
    }
    return outcomes;
  }

  function validate(input: CommandInput): CommandMessage {
    return refuseExpired(parseCommand(input, { protocols }));
  }

  function refuseExpired(command: CommandMessage): CommandMessage {
    if (command.expiresAt === undefined || command.expiresAt.getTime() > clock()) return command;
    const message = `${command.expiresAt.toISOString()} has passed; an expired command is never delivered`;
    throw new ValidationError('command', [{ path: 'expiresAt', message }]);
  }

  function encode(command: CommandMessage): PublishRecord {
    const topic = typeof commandTopic === 'string' ? commandTopic : commandTopic(command);
    return toRecord(topic, command.deviceId, encodeCommand(command));
  }

  function toRecord(topic: string, key: string, value: Buffer): PublishRecord {
    if (value.length > maxMessageBytes)
      throw new MessageTooLargeError(value.length, { maxBytes: maxMessageBytes });
    return { topic, key, value };
  }

  async function publish(
    requestId: string,
    record: PublishRecord,
    options: PushOptions,
  ): Promise<PushReceipt> {
    const [outcome] = (await publishAll([record], options)) as [PublishOutcome];
    log(requestId, record, outcome);
    if (!outcome.ok) throw outcome.error;
    return { requestId, ...outcome.receipt };
  }

  async function publishAll(
    records: readonly PublishRecord[],
    options: PushOptions,
  ): Promise<readonly PublishOutcome[]> {
    if (closed) return records.map(() => ({ ok: false, error: new ClosedError('the pusher service') }));
    return backend.publish(records, {
      timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
      signal: options.signal,
    });
  }

  function log(requestId: string, { topic, key }: PublishRecord, outcome: PublishOutcome): void {
    if (logger === undefined) return;
    if (outcome.ok) logger.debug({ requestId, deviceId: key, topic }, 'pushed');
    else
      logger.warn(
        { requestId, deviceId: key, topic, code: outcome.error.code, err: outcome.error },
        'not pushed',
      );
  }

  const service: PusherService = {
    async connect({ timeoutMs = defaultTimeoutMs, signal } = {}) {
      if (closed) throw new ClosedError('the pusher service');
      await backend.connect({ timeoutMs, signal });
    },
    pushCommand,
    pushCommandDict,
    pushCommands(source, options = {}) {
      return pushInChunks(source, {
        pushChunk: (inputs, firstIndex) => pushChunk(inputs, firstIndex, options),
        maxInFlight,
        signal: options.signal,
      });
    },
    async pushSettings(deviceId, desired, { metadata, requestId, ...options } = {}) {
      const settingsOfDevice = parseSettings({ deviceId, settings: desired, metadata, requestId });
      const record = toRecord(settingsTopic, deviceId, encodeSettings(settingsOfDevice));
      return publish(settingsOfDevice.requestId, record, options);
    },
    async close({ timeoutMs = 10_000 } = {}) {
      closed = true;
      await backend.close({ timeoutMs });
    },
    [Symbol.asyncDispose]: () => service.close(),
  };
  return service;
}

function toPusherError(error: unknown): PusherError {
  if (PusherError.isInstance(error)) return error;
  return new PublishFailedError(`the command could not be prepared: ${String(error)}`, { cause: error });
}
