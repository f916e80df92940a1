export { createMqttDeliverer } from './create-deliverer.js';
export type { MqttDelivererOptions } from './deliverer-options.js';
export type { MqttDeviceType, MqttDeviceTypes, MqttWire } from './mqtt-device-types.js';
