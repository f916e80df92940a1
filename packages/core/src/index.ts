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
export { AbortedError } from './errors/aborted-error.js';
export { AuthenticationError } from './errors/authentication-error.js';
export { AuthorizationError } from './errors/authorization-error.js';
export { BackendUnavailableError } from './errors/backend-unavailable-error.js';
export { CapabilityError, type CapabilityIssue } from './errors/capability-error.js';
export { ClientNotInstalledError } from './errors/client-not-installed-error.js';
export { ClosedError } from './errors/closed-error.js';
export { CommandFailedError } from './errors/command-failed-error.js';
export { ConfigurationError } from './errors/configuration-error.js';
export { MessageTooLargeError } from './errors/message-too-large-error.js';
export { PublishFailedError } from './errors/publish-failed-error.js';
export { PublishTimedOutError } from './errors/publish-timed-out-error.js';
export { PusherError, type PusherErrorCode } from './errors/pusher-error.js';
export { QueueFullError } from './errors/queue-full-error.js';
export { SettingsConflictError } from './errors/settings-conflict-error.js';
export { StoreFailedError } from './errors/store-failed-error.js';
export { StoreUnavailableError } from './errors/store-unavailable-error.js';
export { SubscriptionFailedError } from './errors/subscription-failed-error.js';
export { TopicExistsError } from './errors/topic-exists-error.js';
export { TopicUnknownError } from './errors/topic-unknown-error.js';
export { ValidationError, type ValidationIssue } from './errors/validation-error.js';
export { WaitTimedOutError } from './errors/wait-timed-out-error.js';
export { applyMergePatch } from './models/apply-merge-patch.js';
export {
  type Cancellation,
  type CancellationInput,
  cancellationSchema,
  parseCancellation,
} from './models/cancellation.js';
export { type CommandInput, type CommandMessage, commandMessageSchema } from './models/command-message.js';
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
export type { JsonObject, JsonValue } from './models/json-value.js';
export type { Lifecycle } from './models/lifecycle.js';
export {
  type CommandState,
  commandStates,
  type Evidence,
  type LifecycleEvent,
  lifecycleEventSchema,
} from './models/lifecycle-event.js';
export { type ParseCommandOptions, parseCommand, parseCommandDict } from './models/parse-command.js';
export { parseSettings } from './models/parse-settings.js';
export { formatPath, validationIssues } from './models/validation-issues.js';
