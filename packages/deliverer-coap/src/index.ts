export { createCoapDeliverer } from './create-deliverer.js';
export type { CoapDelivererSettings, CoapListenSettings } from './deliverer-settings.js';
