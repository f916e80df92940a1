import type { Backend } from '@preservarium/backend';
import type { EnvironmentOptions } from '@preservarium/environment';

/** Creates the chosen backend; only its own client is loaded. */
export async function createBackend({ backend, ...settings }: EnvironmentOptions): Promise<Backend> {
  switch (backend) {
    case 'kafkajs': {
      const { createKafkajsBackend } = await import('@preservarium/backend-kafkajs');
      return createKafkajsBackend(settings);
    }
    case 'rdkafka': {
      const { createRdkafkaBackend } = await import('@preservarium/backend-rdkafka');
      return createRdkafkaBackend(settings);
    }
    case 'memory': {
      const { createMemoryBackend } = await import('@preservarium/backend-memory');
      return createMemoryBackend();
    }
  }
}
