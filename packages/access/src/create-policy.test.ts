import { expect, test } from 'vitest';
import { type AccessRequest, createPolicy } from './index.js';

const policy = createPolicy(
  {
    rules: [
      {
        name: 'greenhouse',
        subjects: [{ key: 'greenhouse' }, { claim: 'groups', value: 'gardeners' }],
        devices: { ids: ['pump-7'], prefixes: ['greenhouse-'], types: ['lamp'] },
        actions: ['read', 'push'],
        commands: ['set_led', 'dim*'],
        settings: ['interval*'],
        payload: { type: 'object', properties: { level: { type: 'number', maximum: 50 } } },
      },
      { name: 'readers', subjects: [{ key: '*' }], actions: ['read'] },
    ],
  },
  { typeOf: (deviceId) => (deviceId === 'l1' ? 'lamp' : undefined) },
);

const caller = { id: 'key:greenhouse', keyId: 'greenhouse' };
const push: AccessRequest = { caller, action: 'push', deviceId: 'greenhouse-1', commandType: 'dim' };

test.each<[string, Partial<AccessRequest>]>([
  ['a device by its prefix', {}],
  ['a device by its id', { deviceId: 'pump-7' }],
  ['a device by its type', { deviceId: 'l1' }],
  ['a whole command type', { commandType: 'set_led' }],
  ['a payload that fits', { payload: { level: 50 } }],
  ['a token by its claim', { caller: { id: 'token:u1', claims: { groups: ['staff', 'gardeners'] } } }],
  ['settings', { commandType: undefined, settings: ['interval_seconds'] }],
])('%s is allowed', (_, part) => {
  expect(policy.decide({ ...push, ...part })).toEqual({ allowed: true, rule: 'greenhouse' });
});

test.each<[string, Partial<AccessRequest>, string]>([
  ['another key', { caller: { id: 'key:other', keyId: 'other' } }, 'rule "readers": does not allow to push'],
  [
    'a token without the claim',
    { caller: { id: 'token:u1', claims: {} } },
    'rule "greenhouse": is not for token:u1',
  ],
  ['another action', { action: 'cancel' }, 'does not allow to cancel'],
  ['another device', { deviceId: 'oven-1' }, 'is not for the device "oven-1"'],
  ['another command type', { commandType: 'reboot' }, 'is not for the command type "reboot"'],
  [
    'another setting',
    { commandType: undefined, settings: ['interval', 'ssid'] },
    'is not for the setting "ssid"',
  ],
  ['another payload', { payload: { level: 51 } }, 'the payload does not fit: level'],
])('%s is refused, and the reason names the closest rule', (_, part, reason) => {
  const decision = policy.decide({ ...push, ...part });
  expect(decision).toMatchObject({ allowed: false, reason: expect.stringContaining(reason) });
});

test.each([
  [{}, 'rules: '],
  [{ rules: [{ name: 'a', subjects: [{ key: 'a' }], actions: ['fly'] }] }, 'rules[0].actions[0]: '],
  [
    { rules: [{ name: 'a', subjects: [{ key: 'a' }], actions: ['push'], payload: { maxmum: 1 } }] },
    'rules[0].payload.maxmum: is no keyword of JSON Schema; did you mean "maximum"?',
  ],
])('content that is not valid is refused with its place', (content, problem) => {
  expect(() => createPolicy(content)).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION_INVALID', message: expect.stringContaining(problem) }),
  );
});

test('a rule for some names allows no command that may have others', () => {
  const decide = (rule: object, request: Partial<AccessRequest>) =>
    createPolicy({ rules: [{ name: 'r', subjects: [{ key: '*' }], actions: ['push'], ...rule }] }).decide({
      ...push,
      ...request,
    });
  const unknown = { commandType: null };
  expect(decide({ commands: ['set_led'] }, unknown)).toEqual({
    allowed: false,
    reason: 'rule "r": is not for a command of an unknown type',
  });
  const brings = (...names: string[]) => ({
    commandType: 'settings',
    payload: Object.fromEntries(names.map((name) => [name, 1])),
  });
  const some = { settings: ['rate'] };
  expect(decide(some, unknown).allowed).toBe(false);
  expect(decide(some, { commandType: 'settings' })).toMatchObject({
    reason: 'rule "r": is not for all settings',
  });
  expect(decide(some, brings('rate', 'door'))).toMatchObject({
    reason: 'rule "r": is not for the setting "door"',
  });
  expect(decide(some, brings('rate')).allowed).toBe(true);
  for (const all of [{}, { commands: ['*'], settings: ['*'] }]) {
    for (const request of [unknown, { commandType: 'settings' }, brings('door')])
      expect(decide(all, request).allowed).toBe(true);
  }
});
