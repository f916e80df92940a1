export { createHttpDeliverer } from './create-deliverer.js';
export type { HttpDelivererOptions, HttpListenOptions } from './deliverer-options.js';
export { type SignedRequest, type VerifySignatureOptions, verifySignature } from './http-signature.js';
