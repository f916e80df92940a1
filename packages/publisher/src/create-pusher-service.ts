import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import { assertCounts, assertDurations, ClosedError, type CommandInput } from '@preservarium/core';
import { createEncoding, type EncodedPush } from './encode.js';
import { pushBulk } from './push-bulk.js';
import { createPushLog } from './push-log.js';
import type { PusherService, PusherServiceOptions, PushOptions, PushReceipt } from './pusher-service.js';
import { toPusherError } from './to-pusher-error.js';
import { createValidation } from './validate.js';

/**
 * Creates the service that applications push with. It connects at the first push, or when `connect` is called.
 *
 * ```ts
 * const service = createPusherService({ backend: createKafkajsBackend({ brokers: ['localhost:9092'] }) });
 * await service.pushCommand({ deviceId: 'device123', commandType: 'set_led', protocol: 'mqtt', payload: { state: 'on' } });
 * await service.close();
 * ```
 *
 * @throws ConfigurationError that names a numeric option that cannot work
 */
export function createPusherService(options: PusherServiceOptions): PusherService {
  const { backend, timeoutMs: defaultTimeoutMs = 30_000, limits: { maxInFlight = 20_000 } = {} } = options;
  assertCounts({
    'limits.maxInFlight': maxInFlight,
    'limits.maxMessageBytes': options.limits?.maxMessageBytes,
  });
  assertDurations({ timeoutMs: defaultTimeoutMs });
  const validate = createValidation(options);
  const encode = createEncoding(options);
  const log = options.logger && createPushLog(options.logger);
  let closed = false;

  // Every push: validate → encode → publish → receipt.

  /** Pushes reach the backend in the order of the calls, unless a payload's schema is asynchronous. */
  function push(
    validateAndEncode: () => EncodedPush | Promise<EncodedPush>,
    pushOptions: PushOptions = {},
  ): Promise<PushReceipt> {
    let encoded: EncodedPush | Promise<EncodedPush>;
    try {
      encoded = validateAndEncode();
    } catch (error) {
      return Promise.reject(toPusherError(error));
    }
    if (!(encoded instanceof Promise)) return publishOne(encoded, pushOptions);
    return encoded.then(
      (push) => publishOne(push, pushOptions),
      (error) => Promise.reject(toPusherError(error)),
    );
  }

  function validateAndEncode(input: CommandInput): EncodedPush | Promise<EncodedPush> {
    const command = validate.command(input);
    return command instanceof Promise ? command.then(encode.command) : encode.command(command);
  }

  async function publishOne(push: EncodedPush, pushOptions: PushOptions): Promise<PushReceipt> {
    const [outcome] = (await publish([push.record], pushOptions)) as [PublishOutcome];
    log?.(push, outcome);
    if (!outcome.ok) throw outcome.error;
    return { requestId: push.requestId, ...outcome.receipt };
  }

  function publish(records: readonly PublishRecord[], { timeoutMs = defaultTimeoutMs, signal }: PushOptions) {
    if (closed) return Promise.resolve(records.map(rejectedAfterClose));
    return backend.publish(records, { timeoutMs, signal });
  }

  const service: PusherService = {
    async connect({ timeoutMs = defaultTimeoutMs, signal } = {}) {
      if (closed) throw new ClosedError('the pusher service');
      await backend.connect({ timeoutMs, signal });
    },
    pushCommand: (input, pushOptions) => push(() => validateAndEncode(input), pushOptions),
    pushCommandDict: (dict, pushOptions) =>
      push(() => encode.command(validate.commandDict(dict)), pushOptions),
    pushCommands: (source, pushOptions = {}) =>
      pushBulk(source, { validateAndEncode, publish, log }, { ...pushOptions, maxInFlight }),
    pushSettings: (deviceId, settings, { metadata, requestId, ...pushOptions } = {}) =>
      push(
        () => encode.settings(validate.settings({ deviceId, settings, metadata, requestId })),
        pushOptions,
      ),
    cancelCommand: (command, pushOptions) =>
      push(() => encode.cancellation(validate.cancellation(command)), pushOptions),
    async close({ timeoutMs = 10_000 } = {}) {
      closed = true;
      await backend.close({ timeoutMs });
    },
    [Symbol.asyncDispose]: () => service.close(),
  };
  return service;
}

function rejectedAfterClose(): PublishOutcome {
  return { ok: false, error: new ClosedError('the pusher service') };
}
