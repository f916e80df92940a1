export type { RdkafkaSettings } from './client-settings.js';
export { createRdkafkaBackend } from './create-backend.js';
