export { createLogger } from './create-logger.js';
export { kafkaFlags } from './kafka-flags.js';
export { readServiceFlags, type ServiceCommandLine } from './read-service-flags.js';
export { type ProcessTelemetry, startProcessTelemetry } from './start-process-telemetry.js';
