import {
  applyPayloadSchema,
  type Cancellation,
  type CancellationInput,
  type CommandInput,
  type CommandMessage,
  type DeviceSettings,
  type DeviceSettingsInput,
  parseCancellation,
  parseCommand,
  parseCommandDict,
  parseSettings,
  ValidationError,
} from '@preservarium/core';
import type { DeclaredProof } from './capability-check.js';
import type { PusherServiceOptions } from './pusher-service.js';

/** The first step of a push: returns what is valid and throws a coded error for the rest. */
export interface Validation {
  /** Returns a promise only where the payload's schema is asynchronous. */
  command(input: CommandInput): CommandMessage | Promise<CommandMessage>;
  commandDict(dict: Readonly<Record<string, unknown>>): CommandMessage;
  settings(input: DeviceSettingsInput): DeviceSettings;
  cancellation(input: Omit<CancellationInput, 'timestamp'>): Cancellation;
}

/** Returns the validation with the protocols, capabilities and clock of the service. */
export function createValidation(
  options: Pick<PusherServiceOptions, 'protocols' | 'capabilities' | 'topicPolicy' | 'clock'>,
): Validation {
  const { protocols = [], capabilities, topicPolicy, clock = Date.now } = options;

  function parse(input: CommandInput): CommandMessage {
    return assertAcceptable(parseCommand(input, { protocols }));
  }

  /** A well-formed command may have expired, or be more than its device can do. */
  function assertAcceptable(command: CommandMessage): CommandMessage {
    if (command.expiresAt !== undefined && command.expiresAt.getTime() <= clock()) {
      const message = `${command.expiresAt.toISOString()} has passed; an expired command is never delivered`;
      throw new ValidationError('command', [{ path: 'expiresAt', message }]);
    }
    assertAllowedTopic(command);
    const mismatch = capabilities?.check(command);
    if (mismatch !== undefined) throw mismatch;
    return withDeclaredProof(command, capabilities?.find?.(command.deviceId, command.commandType));
  }

  function assertAllowedTopic({ protocol, deviceId, requestId, topic }: CommandMessage): void {
    if (topicPolicy === undefined || protocol !== 'mqtt') return;
    const message =
      topic === undefined
        ? topicPolicy.problemOfIds({ deviceId, requestId })
        : topicPolicy.problemOf({ deviceId, topic });
    if (message === undefined) return;
    throw new ValidationError('command', [{ path: topic === undefined ? 'deviceId' : 'topic', message }]);
  }

  return {
    command(input) {
      const applied = applyPayloadSchema(input);
      return applied instanceof Promise ? applied.then(parse) : parse(applied);
    },
    commandDict: (dict) => assertAcceptable(parseCommandDict(dict, { protocols })),
    settings(input) {
      const settings = parseSettings(input);
      const mismatch = capabilities?.checkSettings(settings);
      if (mismatch !== undefined) throw mismatch;
      return settings;
    },
    cancellation: (input) => parseCancellation({ ...input, timestamp: clock() }),
  };
}

/** The time to answer means nothing for a command that requires no answer. */
function withDeclaredProof(command: CommandMessage, declared: DeclaredProof | undefined): CommandMessage {
  const requiredEvidence = command.requiredEvidence ?? declared?.evidence;
  if (requiredEvidence === undefined) return command;
  const declaredMs = requiredEvidence === 'gateway' ? undefined : declared?.timeoutMs;
  const answerWithinMs = command.answerWithinMs ?? declaredMs;
  return { ...command, requiredEvidence, ...(answerWithinMs !== undefined && { answerWithinMs }) };
}
