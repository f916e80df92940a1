export { createHttpDeliverer } from './create-deliverer.js';
export type { HttpDelivererOptions, HttpListenOptions } from './deliverer-options.js';
export type { CertificateOfDevice, HttpCertificate } from './http-certificate.js';
export { certificatesFromFile } from './http-certificates-from-file.js';
export type { HttpLogin, LoginOfDevice } from './http-login.js';
export { loginsFromFile } from './http-logins-from-file.js';
export { createNonceCache, type NonceCache } from './http-nonce-cache.js';
export type { SecretsOfDevice } from './http-secrets.js';
export { secretsFromFile } from './http-secrets-from-file.js';
export {
  type ReportToSign,
  type SignedRequest,
  signReport,
  type VerifySignatureOptions,
  verifySignature,
} from './http-signature.js';
