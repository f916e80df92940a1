export { openSigner, openTrust, signingVariables, trustVariables } from './signing-variables.js';
