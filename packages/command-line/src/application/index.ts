export { openRequestKeys } from './open-request-keys.js';
export { openStore } from './open-store.js';
export { protocolVariables } from './protocol-variables.js';
export { displayUrl, sqlitePath } from './store-url.js';
export { storeVariables } from './store-variables.js';
export { topicPolicyOf, topicPolicyVariables } from './topic-policy-variables.js';
