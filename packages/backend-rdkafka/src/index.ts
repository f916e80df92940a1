export type { RdkafkaOptions } from './client-options.js';
export { createRdkafkaBackend } from './create-backend.js';
