export type {
  ConnectorPort,
  Deliverer,
  DeliveryContext,
  DeliveryResult,
  DeviceReport,
} from './deliverer.js';
export { type DevicePayload, type FormatCommand, formatAsJson } from './format-command.js';
