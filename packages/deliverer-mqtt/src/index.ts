export { createMqttDeliverer } from './create-deliverer.js';
export type { MqttDelivererSettings } from './deliverer-settings.js';
