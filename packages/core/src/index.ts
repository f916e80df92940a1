import { requireNode } from './require-node.js';

export { type DecodedCancellation, decodeCancellation, encodeCancellation } from './codec/cancellation.js';
export { type CommandEnvelope, commandEnvelopeSchema } from './codec/command-envelope.js';
export { type CommandDefaults, type DecodedCommand, decodeCommand } from './codec/decode-command.js';
export type { DecodeFailure, DecodeFailureReason } from './codec/decode-json-object.js';
export { type DecodedLifecycleEvent, decodeLifecycleEvent } from './codec/decode-lifecycle-event.js';
export { type DecodedSettings, decodeSettings } from './codec/decode-settings.js';
export { encodeCommand } from './codec/encode-command.js';
export { encodeLifecycleEvent } from './codec/encode-lifecycle-event.js';
export { encodeSettings } from './codec/encode-settings.js';
export { type FittedJson, fitJson } from './codec/fit-json.js';
export {
  type LifecycleEventEnvelope,
  lifecycleEventEnvelopeSchema,
} from './codec/lifecycle-event-envelope.js';
export { assertCounts, assertDurations } from './errors/assert-counts.js';
export {
  CapabilityError,
  type CapabilityIssue,
  CommandFailedError,
  MessageTooLargeError,
  PublishTimedOutError,
  RequestConflictError,
  SettingsConflictError,
  TopicExistsError,
  TopicUnknownError,
  WaitTimedOutError,
} from './errors/detailed-errors.js';
export {
  AbortedError,
  AuthenticationError,
  AuthorizationError,
  BackendUnavailableError,
  ClientNotInstalledError,
  ClosedError,
  ConfigurationError,
  PublishFailedError,
  QueueFullError,
  StoreFailedError,
  StoreUnavailableError,
  SubscriptionFailedError,
} from './errors/errors.js';
export { PusherError, type PusherErrorCode } from './errors/pusher-error.js';
export { ValidationError, type ValidationIssue } from './errors/validation-error.js';
export { maxJsonDepth } from './limits.js';
export { applyMergePatch } from './models/apply-merge-patch.js';
export {
  type Cancellation,
  type CancellationInput,
  cancellationSchema,
  parseCancellation,
} from './models/cancellation.js';
export type { CommandInput, CommandMessage, ProtocolFields } from './models/command.js';
export { commandMessageSchema } from './models/command-message.js';
export { createRequestId } from './models/create-request-id.js';
export { cutText } from './models/cut-text.js';
export {
  applyPayloadSchema,
  checkResult,
  type DeviceCommand,
  defineCommand,
  type TypedCommandInput,
} from './models/define-command.js';
export {
  type DeviceSettings,
  type DeviceSettingsInput,
  deviceSettingsSchema,
} from './models/device-settings.js';
export { deviceIdSchema } from './models/identifiers.js';
export { isJsonObject } from './models/is-json-object.js';
export { jsonSourceOf, keepPayloadSource, parseJson } from './models/json-source.js';
export type { JsonObject, JsonValue } from './models/json-value.js';
export type { Lifecycle } from './models/lifecycle.js';
export {
  type CommandState,
  commandStates,
  type Evidence,
  type LifecycleEvent,
  lifecycleEventSchema,
} from './models/lifecycle-event.js';
export { memoryOfJson } from './models/memory-of-json.js';
export { topicProblem } from './models/mqtt-text.js';
export {
  exactMember,
  exactNumbers,
  isSameJson,
  isSameMember,
  keepNumberTexts,
  parseExactJson,
} from './models/number-texts.js';
export {
  type ParseCommandOptions,
  type ParsedCommand,
  parseCommand,
  parseCommandDict,
} from './models/parse-command.js';
export { parseSettings } from './models/parse-settings.js';
export { type PayloadContent, payloadContent, toPayload } from './models/payload-content.js';
export type { Method, Protocol, Protocols } from './models/protocols.js';
export {
  answerWithinMsSchema,
  isEnoughEvidence,
  type RequiredEvidence,
  requiredEvidenceSchema,
} from './models/required-evidence.js';
export { settingsCommandType } from './models/settings-command-type.js';
export {
  createTopicPolicy,
  defaultCommandTopics,
  defaultDeviceTopics,
  type TopicPolicy,
  type TopicPolicyOptions,
} from './models/topic-policy.js';
export { compileTopicTemplate, type TopicTemplate } from './models/topic-template.js';
export { formatPath, validationIssues } from './models/validation-issues.js';

requireNode();
