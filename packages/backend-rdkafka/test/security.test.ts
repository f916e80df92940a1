import { securityConformance, startKafka } from '@preservarium/dev-services';
import { afterAll, test } from 'vitest';
import { createRdkafkaBackend } from '../src/index.js';

const cluster = await startKafka({ security: 'sasl-ssl', isolated: true });
afterAll(() => cluster.stop());

securityConformance({ test, cluster, createBackend: createRdkafkaBackend });
