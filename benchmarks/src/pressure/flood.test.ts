import { createMemoryBackend } from '@preservarium/backend-memory';
import { createPusherService } from '@preservarium/publisher';
import { expect, test } from 'vitest';
import { flood } from './flood.js';

test('every push of a flood is counted once, acknowledged or by its code', async () => {
  const backend = createMemoryBackend();
  const service = createPusherService({ backend });
  const open = await flood(service, 2_500);
  expect(open).toMatchObject({ acknowledged: 2_500, failed: {}, unacknowledged: [] });
  expect(backend.records('device_commands')).toHaveLength(2_500);

  await service.close();
  const closed = await flood(service, 3);
  expect(closed).toMatchObject({ acknowledged: 0, failed: { CLOSED: 3 }, unacknowledged: [0, 1, 2] });
});
