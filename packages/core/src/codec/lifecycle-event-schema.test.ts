import { expect, test } from 'vitest';
import { z } from 'zod';
import { lifecycleEventEnvelopeSchema } from '../index.js';

// When the schema has changed on purpose: vitest run -u packages/core/src/codec/lifecycle-event-schema.test.ts
test('schema/lifecycle-event.schema.json is fresh', async () => {
  const schema = `${JSON.stringify(z.toJSONSchema(lifecycleEventEnvelopeSchema), null, 2)}\n`;
  await expect(schema).toMatchFileSnapshot('../../schema/lifecycle-event.schema.json');
});
