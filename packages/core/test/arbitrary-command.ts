import fc from 'fast-check';
import type { CommandInput } from '../src/index.js';
import { inexactIntegers } from '../src/models/inexact-integers.js';

export const identifier = (maxLength: number) =>
  fc.oneof(
    fc.stringMatching(/^[ -~]{1,30}$/),
    fc
      .string({ unit: 'binary', minLength: 1, maxLength })
      .filter((text) => text.length <= maxLength && !/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(text)),
  );

export const instant = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});

/** JSON that a push takes: each integer in it is exact. */
export const exactJson = fc.jsonValue().filter((value) => inexactIntegers(value, '').length === 0);

const jsonObject = fc.dictionary(fc.string({ unit: 'binary' }), exactJson, { maxKeys: 5 });

const path = fc
  .array(fc.stringMatching(/^[a-z0-9._ é-]{0,20}$/), { minLength: 1, maxLength: 4 })
  .filter((segments) => !segments.includes('..'))
  .map((segments) => `/${segments.join('/')}`);
const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'FETCH', 'IPATCH');

const protocolPart = fc.oneof(
  fc.record(
    {
      protocol: fc.constant('mqtt'),
      topic: identifier(100).filter((topic) => !/[+#]/.test(topic)),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
      retain: fc.boolean(),
    },
    { requiredKeys: ['protocol'] },
  ),
  fc.record(
    { protocol: fc.constant('coap'), path, method, confirmable: fc.boolean() },
    { requiredKeys: ['protocol'] },
  ),
  fc.record({ protocol: fc.constant('http'), path, method }, { requiredKeys: ['protocol'] }),
);

const commonPart = fc.record(
  {
    requestId: identifier(256),
    timestamp: instant,
    deviceId: identifier(256),
    commandType: identifier(128).filter((commandType) => commandType !== 'feedback'),
    payload: jsonObject,
    // Names of protocol fields are left out: they would have to agree with the fields themselves.
    metadata: fc.dictionary(
      fc.string().filter((name) => !/^(topic|qos|retain|path|method|confirmable)$/.test(name)),
      exactJson,
      { maxKeys: 5 },
    ),
    priority: fc.maxSafeInteger(),
    expiresAt: instant,
    supersedeKey: identifier(128),
    requiredEvidence: fc.constantFrom('gateway' as const, 'device' as const, 'executed' as const),
    answerWithinMs: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    issuedBy: identifier(256),
  },
  { requiredKeys: ['deviceId', 'commandType'] },
);

/** Any valid command. */
export const arbitraryCommand: fc.Arbitrary<CommandInput> = fc
  .tuple(commonPart, protocolPart)
  .map(([common, protocol]) => ({
    ...common,
    ...protocol,
    // GET and DELETE carry none.
    ...('method' in protocol && /^(GET|DELETE)$/.test(protocol.method ?? '') && { payload: {} }),
  }));
