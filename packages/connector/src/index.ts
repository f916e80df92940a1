export type { Connector, ConnectorStatus, PartitionLag } from './connector.js';
export type { ConnectorLimits, ConnectorOptions, ConnectorTopics } from './connector-options.js';
export type { SignatureMode, SignatureOptions } from './intake/signature-check.js';
export {
  type ChangelogSurvey,
  createChangelogSurvey,
  type SurveyedGroup,
} from './ledger/survey-changelog.js';
export type { PresenceMode } from './presence.js';
export { runConnector } from './run-connector.js';
export type { ProofOptions } from './scheduling/required-proof.js';
export type { RetryOptions } from './scheduling/retry-policy.js';
export { settingsRequestId } from './settings-sync/settings-command.js';
export type { SettingsStore, SyncedSettings } from './settings-sync/settings-store.js';
