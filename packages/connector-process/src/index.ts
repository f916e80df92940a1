export type { ConnectorProgram, DelivererDependencies } from './connector-program.js';
export { readDeviceDirectory } from './device-directory.js';
export { deviceTypeVariables, readDeviceTypeRules } from './device-types.js';
export { runConnectorProcess } from './run-connector-process.js';
