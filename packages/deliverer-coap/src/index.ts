export { type TokensOfDevice, tokensFromFile } from './coap-tokens.js';
export { createCoapDeliverer } from './create-deliverer.js';
export type { CoapDelivererOptions, CoapListenOptions } from './deliverer-options.js';
