import fc from 'fast-check';
import { commandStates, type JsonValue } from '../src/index.js';
import { identifier, instant } from './arbitrary-command.js';

/** Any valid event; a result of null is left out, which means the same. */
export const arbitraryLifecycleEvent = fc.record(
  {
    requestId: identifier(256),
    deviceId: identifier(256),
    state: fc.constantFrom(...commandStates),
    timestamp: instant,
    commandType: fc.string(),
    protocol: fc.string(),
    evidence: fc.constantFrom('broker' as const, 'gateway' as const, 'device' as const, 'executed' as const),
    attempt: fc.maxSafeNat().filter((attempt) => attempt > 0),
    reason: fc.string({ unit: 'binary' }),
    result: fc.jsonValue().filter((result) => result !== null) as fc.Arbitrary<JsonValue>,
    mayBeRepeat: fc.boolean(),
    mayBeExecuted: fc.boolean(),
    nextAttemptAt: instant,
    behind: identifier(256),
    redrivenAt: instant,
    claimEpoch: fc.maxSafeNat().filter((epoch) => epoch > 0),
    issuedBy: identifier(256),
  },
  { requiredKeys: ['requestId', 'deviceId', 'state', 'timestamp'] },
);
