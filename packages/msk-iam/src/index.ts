export { createMskIamToken, type MskIamOptions } from './msk-iam-token.js';
