export type { Capabilities, CapabilitiesOptions, DeviceTypeDirectory } from './capabilities.js';
export { createCapabilities } from './create-capabilities.js';
export { createSchemaCheck } from './create-schema-check.js';
export type { CommandCapability, DeviceType, JsonSchema } from './device-type.js';
export { deviceTypesFromFile, type ListedDeviceTypes } from './device-types-from-file.js';
export {
  type DeviceTypesFromTopic,
  type DeviceTypesFromTopicOptions,
  deviceTypesFromTopic,
} from './device-types-from-topic.js';
export { generateTypes } from './generate-types/generate-types.js';
export { type ReadDeviceTypesOptions, readDeviceTypes } from './read-device-types.js';
export { maxCheckedValues } from './value-bounds.js';
