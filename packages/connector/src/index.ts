export type { Connector, ConnectorStatus, PartitionLag } from './connector.js';
export type { ConnectorLimits, ConnectorOptions, ConnectorTopics } from './connector-options.js';
export type { RetryOptions } from './retry-policy.js';
export { runConnector } from './run-connector.js';
export { settingsRequestId } from './settings-command.js';
export type { SettingsStore, SyncedSettings } from './settings-store.js';
