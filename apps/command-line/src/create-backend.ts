import type { Backend } from '@preservarium/publisher';
import type { EnvironmentSettings } from '@preservarium/publisher/environment';

/** Creates the chosen backend; only its own client is loaded. */
export async function createBackend({ backend, ...settings }: EnvironmentSettings): Promise<Backend> {
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
      const { createMemoryBackend } = await import('@preservarium/publisher/memory');
      return createMemoryBackend();
    }
  }
}
