export { createSettings } from './create-settings.js';
export type {
  DesiredSettings,
  PushedSettings,
  PushSettingsOptions,
  ReportedSettings,
  Settings,
  SettingsLimits,
  SettingsOfDevice,
  SettingsOptions,
  SettingsStatus,
  SettingsWaitOptions,
} from './settings.js';
export type { SettingsSignatures } from './settings-signatures.js';
