export { createSettings } from './create-settings.js';
export type {
  PushedSettings,
  PushSettingsOptions,
  ReportedSettings,
  Settings,
  SettingsLimits,
  SettingsOfDevice,
  SettingsOptions,
  SettingsWaitOptions,
} from './settings.js';
