import type { JsonValue } from '@preservarium/core';
import {
  type Deliverer,
  type DeliveryResult,
  deviceResult,
  formatAsJson,
  obstacleToSending,
} from '@preservarium/deliverer';
import type { DelivererHarness, DelivererUnderTest } from '../../deliverer-harness.js';
import { createFakeDevice, type FakeDevice } from './fake-devices.js';

/** A harness of devices without a network, and the deliverer that fits them. */
export function fakeDelivererHarness(
  breakIt: (deliverer: Deliverer, devices: ReadonlyMap<string, FakeDevice>) => Deliverer = (whole) => whole,
): DelivererHarness {
  const devices = new Map<string, FakeDevice>();
  return {
    supports: {
      evidence: 'device',
      behaviours: ['accept', 'reject', 'fail once', 'silent', 'gone'],
      connection: false,
      withdrawal: true,
      repeatMark: true,
      directory: true,
      settings: 'answers',
    },
    createDeliverer: (settings) => breakIt(createFakeDeliverer(settings, devices), devices),
    async createDevice() {
      const device = createFakeDevice(`device-${devices.size}`);
      devices.set(device.deviceId, device);
      return device;
    },
  };
}

/** Keeps the contract, for the suite to pass. */
function createFakeDeliverer(
  { timeoutMs, formatCommand = () => undefined, directory }: DelivererUnderTest,
  devices: ReadonlyMap<string, FakeDevice>,
): Deliverer {
  const closed = new AbortController();
  const inFlight = new Set<Promise<unknown>>();
  let ready = false;

  const deliver: Deliverer['deliver'] = async (command, context) => {
    const { signal, mayBeRepeat } = context;
    const givenUp = AbortSignal.any([signal, closed.signal, AbortSignal.timeout(timeoutMs)]);
    let sent = false;
    async function send(): Promise<DeliveryResult> {
      try {
        const { bytes } = (await formatCommand(command)) ?? formatAsJson(command);
        if (givenUp.aborted) return retryable('given up', false);
        if (directory !== undefined) return retryable('the device directory failed', true);
        const obstacle = obstacleToSending(command, context);
        if (obstacle !== undefined) return obstacle;
        sent = true;
        const device = devices.get(command.deviceId);
        return toResult(await device?.take({ bytes, mayBeRepeat }), device?.told());
      } catch (error) {
        return { kind: 'rejected', reason: String(error) };
      }
    }
    const end = Promise.withResolvers<DeliveryResult>();
    const giveUp = () => end.resolve(retryable('given up', sent));
    givenUp.addEventListener('abort', giveUp, { once: true });
    if (givenUp.aborted) return retryable('given up', false);
    const delivering = Promise.race([send(), end.promise]);
    inFlight.add(delivering);
    void delivering.then(() => inFlight.delete(delivering));
    return delivering;
  };

  return {
    protocol: 'fake',
    deliver,
    async start() {
      ready = true;
    },
    isReady: () => ready,
    async close(options) {
      ready = false;
      const timer = setTimeout(() => closed.abort(), options.timeoutMs);
      await Promise.all(inFlight);
      clearTimeout(timer);
      closed.abort();
    },
  };
}

function toResult(
  answer: Awaited<ReturnType<FakeDevice['take']>> | undefined,
  told: JsonValue | undefined,
): DeliveryResult {
  if (answer === 'taken') {
    return { kind: 'delivered', evidence: 'device', ...deviceResult(told) };
  }
  if (answer === 'refused') return { kind: 'rejected', reason: 'the device refused it' };
  if (answer === 'failed') return retryable('the device cannot take it now', false);
  return retryable('the device does not answer', true);
}

function retryable(reason: string, unreachable: boolean): DeliveryResult {
  return { kind: 'retryable', reason, unreachable };
}
