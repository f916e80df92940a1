export { meterConnector } from './meter-connector.js';
export { traceBackend } from './trace-backend.js';
export { traceConnector } from './trace-connector.js';
export { traceDeliverer } from './trace-deliverer.js';
