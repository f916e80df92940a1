export type { CoapListenSettings } from './coap-listen-settings.js';
export { createCoapDeliverer } from './create-deliverer.js';
export type { CoapDelivererSettings } from './deliverer-settings.js';
