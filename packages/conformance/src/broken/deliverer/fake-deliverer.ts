import { EventEmitter } from 'node:events';
import { startTimeLimit } from '@preservarium/concurrency';
import type { CommandMessage, JsonValue } from '@preservarium/core';
import {
  type ConnectorPort,
  createInFlightDeliveries,
  type Deliverer,
  type DeliveryContext,
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
  const presence = new EventEmitter<{ said: Parameters<NonNullable<ConnectorPort['presence']>> }>();
  return {
    supports: {
      evidence: 'device',
      behaviours: ['accept', 'reject', 'fail once', 'silent', 'gone'],
      connection: false,
      withdrawal: true,
      repeatMark: true,
      sequence: true,
      directory: true,
      presence: true,
      settings: 'answers',
    },
    createDeliverer: (settings) => breakIt(createFakeDeliverer(settings, devices, presence), devices),
    async createDevice() {
      const device = createFakeDevice(`device-${devices.size}`, (...said) => presence.emit('said', ...said));
      devices.set(device.deviceId, device);
      return device;
    },
  };
}

/** Keeps the contract, for the suite to pass. */
function createFakeDeliverer(
  { timeoutMs, formatCommand = () => undefined, directory }: DelivererUnderTest,
  devices: ReadonlyMap<string, FakeDevice>,
  presence: EventEmitter<{ said: Parameters<NonNullable<ConnectorPort['presence']>> }>,
): Deliverer {
  const deliveries = createInFlightDeliveries();
  let ready = false;
  let stopListening = () => {};

  async function deliver(command: CommandMessage, context: DeliveryContext): Promise<DeliveryResult> {
    const { signal, mayBeRepeat, sequence } = context;
    using limit = startTimeLimit(timeoutMs, [signal, deliveries.closing]);
    let sent = false;
    async function send(): Promise<DeliveryResult> {
      try {
        const { bytes } = (await formatCommand(command, context)) ?? formatAsJson(command);
        if (limit.signal.aborted) return retryable('given up', false);
        if (directory !== undefined) return retryable('the device directory failed', true);
        const obstacle = obstacleToSending(command, context);
        if (obstacle !== undefined) return obstacle;
        sent = true;
        const device = devices.get(command.deviceId);
        return toResult(await device?.take({ bytes, mayBeRepeat, sequence }), device?.told());
      } catch (error) {
        return { kind: 'rejected', reason: String(error) };
      }
    }
    return (await limit.within(send())) ?? retryable('given up', sent);
  }

  return {
    protocol: 'fake',
    deliver: (command, context) => deliveries.track(deliver(command, context)),
    async start(port) {
      const listener: NonNullable<ConnectorPort['presence']> = (...said) => port.presence?.(...said);
      presence.on('said', listener);
      stopListening = () => presence.off('said', listener);
      ready = true;
    },
    isReady: () => ready,
    async close(options) {
      ready = false;
      stopListening();
      await deliveries.drain(options.timeoutMs);
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
