export { openSigner, signingVariables } from './signing-variables.js';
