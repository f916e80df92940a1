export { createHttpDeliverer } from './create-deliverer.js';
export type { HttpDelivererSettings, HttpListenSettings } from './deliverer-settings.js';
export { type SignedRequest, type VerifySignatureOptions, verifySignature } from './http-signature.js';
