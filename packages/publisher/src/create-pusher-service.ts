import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import { guardLogger } from '@preservarium/backend';
import { createSemaphore } from '@preservarium/concurrency';
import {
  applyPayloadSchema,
  ClosedError,
  type CommandInput,
  type CommandMessage,
  encodeCancellation,
  encodeCommand,
  encodeSettings,
  MessageTooLargeError,
  PublishFailedError,
  PusherError,
  parseCancellation,
  parseCommand,
  parseCommandDict,
  parseSettings,
  ValidationError,
} from '@preservarium/core';
import { pushInChunks } from './push-in-chunks.js';
import type {
  CommandOutcome,
  PusherService,
  PusherServiceOptions,
  PushOptions,
  PushReceipt,
} from './pusher-service.js';

/** What `pushCommands` has encoded and has no answer to yet: less than a backend's queue holds, so that nothing is refused. */
const maxBulkBytes = 32 * 1024 * 1024;

interface PreparedPush {
  readonly requestId: string;
  readonly record: PublishRecord;
}

/** The pushes of a chunk, and the records of those that may be sent. */
interface PreparedChunk {
  readonly prepared: readonly (PreparedPush | PusherError)[];
  readonly records: readonly PublishRecord[];
  /** Size of the records' values. */
  readonly bytes: number;
}

/**
 * Creates the service that applications push with. It connects at the first push, or when `connect` is called.
 *
 * ```ts
 * const service = createPusherService({ backend: createKafkajsBackend({ brokers: ['localhost:9092'] }) });
 * await service.pushCommand({ deviceId: 'device123', commandType: 'set_led', protocol: 'mqtt', payload: { state: 'on' } });
 * await service.close();
 * ```
 */
export function createPusherService(settings: PusherServiceOptions): PusherService {
  const {
    backend,
    commandTopic = 'device_commands',
    settingsTopic = 'device_settings',
    waitingTopic = 'device_commands_waiting',
    protocols = [],
    capabilities,
  } = settings;
  const { timeoutMs: defaultTimeoutMs = 30_000, limits = {}, clock = Date.now } = settings;
  const logger = settings.logger && guardLogger(settings.logger);
  const { maxMessageBytes = 1_000_000, maxInFlight = 20_000 } = limits;
  let closed = false;

  // The way of a command: validate → encode → publish.

  function pushCommand(input: CommandInput, options: PushOptions = {}): Promise<PushReceipt> {
    return push(() => prepare(input), options);
  }

  function pushCommandDict(dict: Readonly<Record<string, unknown>>, options: PushOptions = {}) {
    return push(() => encode(refuse(parseCommandDict(dict, { protocols }))), options);
  }

  /** Prepares at once where it can: pushes reach the backend in the order of the calls. */
  function push(
    prepareRecord: () => PreparedPush | Promise<PreparedPush>,
    options: PushOptions,
  ): Promise<PushReceipt> {
    let preparing: PreparedPush | Promise<PreparedPush>;
    try {
      preparing = prepareRecord();
    } catch (error) {
      return Promise.reject(toPusherError(error));
    }
    if (!(preparing instanceof Promise)) return publishOne(preparing, options);
    return preparing.then(
      (prepared) => publishOne(prepared, options),
      (error) => Promise.reject(toPusherError(error)),
    );
  }

  /** Holds on to no more than what is sent for as long as it is under way: there may be a great many of these. */
  async function publishOne(prepared: PreparedPush, options: PushOptions): Promise<PushReceipt> {
    const [outcome] = (await publishAll([prepared.record], options)) as [PublishOutcome];
    log(prepared, outcome);
    if (!outcome.ok) throw outcome.error;
    return { requestId: prepared.requestId, ...outcome.receipt };
  }

  async function prepareChunk(inputs: readonly CommandInput[]): Promise<PreparedChunk> {
    const prepared: (PreparedPush | PusherError)[] = [];
    const records: PublishRecord[] = [];
    let bytes = 0;
    for (const input of inputs) {
      try {
        const preparing = prepare(input);
        const push = preparing instanceof Promise ? await preparing : preparing;
        prepared.push(push);
        records.push(push.record);
        bytes += push.record.value.length;
      } catch (error) {
        prepared.push(toPusherError(error));
      }
    }
    return { prepared, records, bytes };
  }

  async function publishChunk(
    { prepared, records }: PreparedChunk,
    inputs: readonly CommandInput[],
    firstIndex: number,
    options: PushOptions,
  ): Promise<readonly CommandOutcome[]> {
    const published = await publishAll(records, options);
    let next = 0;
    return prepared.map((push, position): CommandOutcome => {
      const index = firstIndex + position;
      const input = inputs[position] as CommandInput;
      if (!('record' in push)) return { ok: false, index, error: push, input };
      const outcome = published[next++] as PublishOutcome;
      log(push, outcome);
      if (!outcome.ok) return { ok: false, index, error: outcome.error, input };
      return { ok: true, index, requestId: push.requestId, receipt: outcome.receipt };
    });
  }

  function prepare(input: CommandInput): PreparedPush | Promise<PreparedPush> {
    const checked = applyPayloadSchema(input);
    return checked instanceof Promise
      ? checked.then((command) => encode(validate(command)))
      : encode(validate(checked));
  }

  function validate(input: CommandInput): CommandMessage {
    return refuse(parseCommand(input, { protocols }));
  }

  /** What is well-formed may still come too late, or be more than the device can do. */
  function refuse(command: CommandMessage): CommandMessage {
    if (command.expiresAt !== undefined && command.expiresAt.getTime() <= clock()) {
      const message = `${command.expiresAt.toISOString()} has passed; an expired command is never delivered`;
      throw new ValidationError('command', [{ path: 'expiresAt', message }]);
    }
    const mismatch = capabilities?.check(command);
    if (mismatch !== undefined) throw mismatch;
    return command;
  }

  function encode(command: CommandMessage): PreparedPush {
    const topic = typeof commandTopic === 'string' ? commandTopic : commandTopic(command);
    return {
      requestId: command.requestId,
      record: toRecord(topic, command.deviceId, encodeCommand(command)),
    };
  }

  function toRecord(topic: string, key: string, value: Buffer): PublishRecord {
    if (value.length > maxMessageBytes)
      throw new MessageTooLargeError(value.length, { maxBytes: maxMessageBytes });
    return { topic, key, value };
  }

  function publishAll(
    records: readonly PublishRecord[],
    options: PushOptions,
  ): Promise<readonly PublishOutcome[]> {
    if (closed) return Promise.resolve(records.map(refusedAfterClose));
    return backend.publish(records, {
      timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
      signal: options.signal,
    });
  }

  function log({ requestId, record }: PreparedPush, outcome: PublishOutcome): void {
    if (logger === undefined) return;
    const { topic, key } = record;
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
      const room = createSemaphore(maxBulkBytes);
      let lastPrepared: Promise<unknown> = Promise.resolve();

      async function prepareInTurn(inputs: readonly CommandInput[]) {
        await lastPrepared;
        const chunk = await prepareChunk(inputs);
        await room.acquire(chunk.bytes);
        return chunk;
      }

      return pushInChunks(source, {
        async pushChunk(inputs, firstIndex) {
          // One after the other: a chunk that waits for a payload's schema or for room is not overtaken by the next.
          const preparing = prepareInTurn(inputs);
          lastPrepared = preparing;
          const chunk = await preparing;
          try {
            return await publishChunk(chunk, inputs, firstIndex, options);
          } finally {
            room.release(chunk.bytes);
          }
        },
        maxInFlight,
        signal: options.signal,
      });
    },
    pushSettings(deviceId, desired, { metadata, requestId, ...options } = {}) {
      return push(() => {
        const settingsOfDevice = parseSettings({ deviceId, settings: desired, metadata, requestId });
        const mismatch = capabilities?.checkSettings(settingsOfDevice);
        if (mismatch !== undefined) throw mismatch;
        return {
          requestId: settingsOfDevice.requestId,
          record: toRecord(settingsTopic, deviceId, encodeSettings(settingsOfDevice)),
        };
      }, options);
    },
    cancelCommand(command, options = {}) {
      return push(() => {
        const cancellation = parseCancellation({ ...command, timestamp: clock() });
        const { deviceId, requestId } = cancellation;
        const record = toRecord(waitingTopic, deviceId, encodeCancellation(cancellation));
        return { requestId, record: { ...record, headers: { 'record-type': 'cancel' } } };
      }, options);
    },
    async close({ timeoutMs = 10_000 } = {}) {
      closed = true;
      await backend.close({ timeoutMs });
    },
    [Symbol.asyncDispose]: () => service.close(),
  };
  return service;
}

function refusedAfterClose(): PublishOutcome {
  return { ok: false, error: new ClosedError('the pusher service') };
}

/** What the application's own functions throw, for example a payload's schema or the function that picks the topic. */
function toPusherError(error: unknown): PusherError {
  if (PusherError.isInstance(error)) return error;
  const reason = error instanceof Error ? error.message : 'see the cause';
  return new PublishFailedError(`the command could not be prepared: ${reason}`, { cause: error });
}
