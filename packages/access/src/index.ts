export { type ApiKeyEntry, createApiKey, type NewApiKey } from './api-key.js';
export { type ApiKeys, apiKeysFromFile, readApiKeys } from './api-keys-from-file.js';
export type { Caller } from './caller.js';
export { createPolicy } from './create-policy.js';
export { type AccessRequest, type Action, actions, type Decision, type Policy } from './policy.js';
export { policyFromFile } from './policy-from-file.js';
