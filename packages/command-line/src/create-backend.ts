import type { Backend, KafkaOptions } from '@preservarium/backend';
import { ClientNotInstalledError } from '@preservarium/core';
import type { EnvironmentOptions } from '@preservarium/environment';

/**
 * Creates the chosen backend; only its own client is loaded.
 *
 * @throws ClientNotInstalledError where the rdkafka backend is not installed beside the program
 */
export async function createBackend({
  backend,
  ...options
}: KafkaOptions & Pick<EnvironmentOptions, 'backend'>): Promise<Backend> {
  switch (backend) {
    case 'kafkajs': {
      const { createKafkajsBackend } = await import('@preservarium/backend-kafkajs');
      return createKafkajsBackend(options);
    }
    case 'rdkafka': {
      const { createRdkafkaBackend } = await importRdkafkaBackend();
      return createRdkafkaBackend(options);
    }
    case 'memory': {
      const { createMemoryBackend } = await import('@preservarium/backend-memory');
      return createMemoryBackend();
    }
  }
}

/** It is not installed with the programs, because its client is compiled, and not for every platform. */
async function importRdkafkaBackend(): Promise<typeof import('@preservarium/backend-rdkafka')> {
  try {
    return await import('@preservarium/backend-rdkafka');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) throw cause;
    throw new ClientNotInstalledError(
      'the rdkafka backend is not installed: install it beside this program with `npm install @preservarium/backend-rdkafka` ' +
        '(with --global, if the program is), or choose the backend kafkajs',
      { cause },
    );
  }
}
