export { createRecordSigner, type RecordSignerOptions } from './create-record-signer.js';
export { createRecordVerifier, type RecordVerifierOptions } from './create-record-verifier.js';
export { createSigningJwk, type NewSigningJwk } from './create-signing-jwk.js';
export { signingKeyFromFile, verificationKeysFromFile } from './keys-from-file.js';
export { readSigningKey, readVerificationKeys, type VerificationKeys } from './read-keys.js';
export { type Algorithm, algorithms, type SigningKey } from './signing-key.js';
