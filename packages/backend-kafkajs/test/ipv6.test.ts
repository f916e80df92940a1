import { serveOnIpv6 } from '@preservarium/dev-services';
import { expect, onTestFinished, test } from 'vitest';
import { createKafkajsBackend } from '../src/index.js';

test('a broker is reached by its IPv6 address', async () => {
  const [broker = ''] = process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [];
  await using address = await serveOnIpv6(broker);
  const backend = createKafkajsBackend({ brokers: [address.broker] });
  onTestFinished(() => backend.close({ timeoutMs: 10_000 }));
  await expect(backend.connect({ timeoutMs: 20_000 })).resolves.toBeUndefined();
});
