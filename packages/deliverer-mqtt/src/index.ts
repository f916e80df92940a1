export { createMqttDeliverer } from './create-deliverer.js';
export type { MqttDelivererOptions } from './deliverer-options.js';
