export type {
  ConnectorPort,
  Deliverer,
  DeliveryContext,
  DeliveryResult,
  DevicePresence,
  DeviceReport,
  ReportOutcome,
} from './deliverer.js';
export type { DeviceDirectory } from './device-directory.js';
export { addressProblem, splitZone, withoutCredentials } from './device-directory-address.js';
export { directoryFromFile } from './device-directory-from-file.js';
export { directoryFromTemplate } from './device-directory-from-template.js';
export { type DeviceFileOptions, deviceFile } from './device-file.js';
export {
  type DeviceResult,
  deviceResult,
  type ParsedDeviceJson,
  parseDeviceJson,
  readSettingsPatch,
  resultLeftOut,
  type SettingsPatch,
} from './device-json.js';
export type { AnswerCondition } from './device-wire/condition.js';
export {
  compileDeviceTypes,
  type DeviceTypeRules,
  type DeviceTypes,
  findWire,
} from './device-wire/device-types.js';
export {
  type CompiledWire,
  compileWire,
  type DeviceAnswerRules,
  type DeviceWire,
} from './device-wire/device-wire.js';
export { type PayloadForm, payloadForms } from './device-wire/payload-form.js';
export {
  type CompiledRequestWire,
  compileRequestTypes,
  judgeInternalError,
  judgeResponse,
  type RequestDeviceType,
  type RequestDeviceTypes,
  type RequestWire,
} from './device-wire/request-wire.js';
export { entryOfDevice } from './entry-of-device.js';
export {
  type DevicePayload,
  type FormatCommand,
  type FormatContext,
  formatAsJson,
} from './format-command.js';
export { createInFlightDeliveries, type InFlightDeliveries } from './in-flight-deliveries.js';
export { isSettingsCommand, settingsCommandType } from './is-settings-command.js';
export { type ObstacleToSending, obstacleToSending } from './obstacle-to-sending.js';
export { readTraceContext, type TraceContext, traceContextOf } from './trace-context.js';
