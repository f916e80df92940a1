import { randomUUID } from 'node:crypto';
import type { CommandInput } from '@preservarium/core';
import type { DemoPush, ExpectedEnd } from './demo-push.js';
import { deviceIds } from './devices.js';
import { topics } from './topics.js';

/** Shorter than the time for which its device is unreachable. */
const expiresAfterMs = 2_000;

/** Creates the difficult cases: an unreachable device, an expired and a superseded command, an unreadable record. */
export function createCases() {
  const { coapPolling, http, httpOffline } = deviceIds;
  return {
    http: command('lock over HTTP', () => ({ ...lock, deviceId: http }), {
      state: 'delivered',
      evidence: 'device',
    }),
    offline: command('lock over HTTP, device offline', () => ({ ...lock, deviceId: httpOffline }), {
      state: 'delivered',
      evidence: 'device',
      after: 'waiting',
    }),
    expiring: command(
      'rinse over CoAP, expires after 2 s',
      () => ({
        deviceId: coapPolling,
        commandType: 'rinse',
        protocol: 'coap' as const,
        expiresAt: new Date(Date.now() + expiresAfterMs),
      }),
      { state: 'expired' },
    ),
    superseded: command('set_flow over CoAP, older', () => setFlow(5), { state: 'superseded' }),
    superseding: command('set_flow over CoAP, newer', () => setFlow(8), {
      state: 'succeeded',
      evidence: 'executed',
      after: 'waiting',
    }),
    poison,
  };
}

const lock = { commandType: 'lock', payload: { locked: true }, protocol: 'http' as const, path: '/lock' };

function setFlow(litres: number): CommandInput {
  return {
    deviceId: deviceIds.coapPolling,
    commandType: 'set_flow',
    payload: { litres },
    protocol: 'coap' as const,
    supersedeKey: 'flow',
  };
}

/** A record that the publisher would not write. */
const poison: DemoPush = {
  name: 'half a record',
  deviceId: 'sensor-5',
  ends: { state: 'dead' },
  async push({ backend }) {
    const record = { topic: topics.commands, key: 'sensor-5', value: Buffer.from('{"device_id": "sens') };
    const [outcome] = await backend.publish([record], { timeoutMs: 10_000 });
    if (!outcome?.ok) throw outcome?.error ?? new Error('the backend gave no outcome');
    return outcome.receipt;
  },
};

function command(
  name: string,
  create: () => CommandInput & { deviceId: string },
  ends: ExpectedEnd,
): DemoPush {
  const requestId = randomUUID();
  return {
    name,
    deviceId: create().deviceId,
    requestId,
    ends,
    push: ({ service }) => service.pushCommand({ ...create(), requestId }),
  };
}
