import { silentLogger } from '@preservarium/backend';
import { expect, test } from 'vitest';
import { createSubscriber } from './create-subscriber.js';

test.each(['fetchMaxWaitMs', 'maxFetchBytes'])(
  '%s that cannot work is refused before a member starts',
  async (name) => {
    const subscriber = createSubscriber({
      name: 'test',
      logger: silentLogger,
      join: () => {
        throw new Error('no member was to start');
      },
    });
    const subscribing = subscriber.subscribe({
      topics: ['t'],
      groupId: 'g',
      from: 'beginning',
      onRecords: async () => {},
      [name]: 0,
    });
    await expect(subscribing).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining(name),
    });
  },
);
