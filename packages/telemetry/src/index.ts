export { traceBackend } from './trace-backend.js';
