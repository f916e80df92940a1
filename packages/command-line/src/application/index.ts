export { jsonOfLine } from './json-of-line.js';
export { openRequestKeys } from './open-request-keys.js';
export { openStore } from './open-store.js';
export { protocolVariables } from './protocol-variables.js';
export { type Line, readLineBatches, readLines } from './read-lines.js';
export { displayUrl, sqlitePath } from './store-url.js';
export { storeVariables } from './store-variables.js';
export { topicPolicyOf, topicPolicyVariables } from './topic-policy-variables.js';
