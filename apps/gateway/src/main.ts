import { runGateway } from './process/run-gateway.js';

await runGateway();
