export { createMqttDeliverer } from './create-deliverer.js';
export type { MqttDelivererOptions } from './deliverer-options.js';
export type { MqttDeviceType, MqttDeviceTypes } from './mqtt-device-types.js';
export type { MqttWire } from './mqtt-wire.js';
