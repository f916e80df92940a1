import type { Backend } from '@preservarium/backend';
import { expect, test } from 'vitest';
import { readOptions } from './read-options.js';
import { toConnectorOptions } from './to-connector-options.js';

const deliverer = {
  protocol: 'mqtt',
  start: async () => {},
  deliver: async () => ({ kind: 'rejected', reason: 'not asked' }) as const,
  isReady: () => true,
  close: async () => {},
};

/** Passed on as it is. */
const backend = {} as Backend;
const optionsOf = (flags: Record<string, string>) =>
  toConnectorOptions(readOptions({}, flags), { backend, deliverer });

test('the evidence, the time of an answer, presence and the wake rate come from their variables', () => {
  const { proof, presence, limits } = optionsOf({
    CONNECTOR_EVIDENCE: 'executed',
    CONNECTOR_ANSWER_WITHIN_MS: '5000',
    CONNECTOR_PRESENCE: 'require',
    CONNECTOR_WAKE_RATE: '70',
  });
  expect({ proof, presence }).toEqual({
    proof: { evidence: 'executed', answerWithinMs: 5_000 },
    presence: 'require',
  });
  expect(limits).toMatchObject({ wakeRate: 70 });
});

test('without them, the connector has its defaults', () => {
  const { proof, presence, limits } = optionsOf({});
  expect(proof).not.toHaveProperty('evidence');
  expect({ presence, wakeRate: limits?.wakeRate }).toEqual({ presence: 'observe', wakeRate: 1_000 });
});
