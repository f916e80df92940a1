export { createKafkajsBackend } from './create-backend.js';
