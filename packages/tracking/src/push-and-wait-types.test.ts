import { defineCommand, type JsonValue, type Lifecycle } from '@preservarium/core';
import type { PusherService } from '@preservarium/publisher';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { Tracker } from './index.js';

const to = { deviceId: 'd1', protocol: 'mqtt', payload: {} } as const;
const readLed = defineCommand('read_led', {
  payload: z.object({}),
  result: z.object({ state: z.enum(['on', 'off']) }),
});
type Led = { state: 'on' | 'off' };

// These hold when the package typechecks; the functions are never called.
test('the answer has the type of the result schema', () => {
  const awaitResult = (tracker: Tracker, service: PusherService) =>
    tracker.pushAndWait(service, readLed(to), { until: 'succeeded' });
  expectTypeOf(awaitResult).returns.resolves.toEqualTypeOf<Lifecycle<Led>>();
});

test('the answer may be missing before the command has succeeded', () => {
  const awaitDelivery = (tracker: Tracker, service: PusherService) =>
    tracker.pushAndWait(service, readLed(to), { until: 'delivered' });
  expectTypeOf(awaitDelivery).returns.resolves.toEqualTypeOf<Lifecycle<Led | undefined>>();
});

test('the answer of any other command is JSON', () => {
  const awaitAny = (tracker: Tracker, service: PusherService) =>
    tracker.pushAndWait(service, { ...to, commandType: 'reboot' }, { until: 'succeeded' });
  expectTypeOf(awaitAny).returns.resolves.toEqualTypeOf<Lifecycle<JsonValue | undefined>>();
});

test('a command with a typo does not compile', () => {
  const wrong = (tracker: Tracker, service: PusherService) =>
    // @ts-expect-error a typo in a field
    tracker.pushAndWait(service, { ...to, commandType: 'reboot', expireAt: 1 }, { until: 'succeeded' });
  expectTypeOf(wrong).toBeFunction();
});
