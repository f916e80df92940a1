export type { Connector, ConnectorStatus, PartitionLag } from './connector.js';
export type { ConnectorLimits, ConnectorOptions, ConnectorTopics } from './connector-options.js';
export {
  type DeadLetter,
  type DeadLetterReason,
  deadLetterRecord,
  type NewDeadLetter,
  type ReadDeadLetter,
  readDeadLetter,
} from './dead-letter.js';
export { type DeadLetterPlace, readRedriven, redrivenRecord, redriveRecord } from './dead-letter-redrive.js';
export type {
  ConnectorPort,
  Deliverer,
  DeliveryContext,
  DeliveryResult,
  DeviceReport,
  ReportOutcome,
} from './deliverer.js';
export type { DeviceDirectory } from './device-directory.js';
export { directoryFromFile } from './device-directory-from-file.js';
export { directoryFromTemplate } from './device-directory-from-template.js';
export {
  type DeviceResult,
  deviceResult,
  type ParsedDeviceJson,
  parseDeviceJson,
  readSettingsPatch,
  resultLeftOut,
  type SettingsPatch,
} from './device-json.js';
export { type DevicePayload, type FormatCommand, formatAsJson } from './format-command.js';
export type { RetryOptions } from './retry-policy.js';
export { runConnector } from './run-connector.js';
export { isSettingsCommand, settingsRequestId } from './settings-command.js';
export type { SettingsStore, SyncedSettings } from './settings-store.js';
export { type TraceContext, traceContextOf } from './trace-context.js';
