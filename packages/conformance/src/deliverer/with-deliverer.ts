import assert from 'node:assert/strict';
import { type CommandInput, type Protocol, parseCommand } from '@preservarium/core';
import type { ConnectorPort, Deliverer, DeliveryContext, DeliveryResult } from '@preservarium/deliverer';
import type {
  ConformanceDevice,
  DelivererHarness,
  DelivererUnderTest,
  DeviceBehaviour,
  ReceivedCommand,
} from '../deliverer-harness.js';
import { within } from '../within.js';

/** Longer than any answer takes: a test that waits for so long has found a hang. */
export const patienceMs = 15_000;

/** How long to watch a device that is to receive nothing. */
const quietMs = 500;

/** The connector, to a deliverer that reports to nobody. */
export const deafPort: ConnectorPort = {
  reachable: () => false,
  report: async () => {},
  reported: async () => ({ kind: 'kept' }),
};

export interface Trial {
  readonly deliverer: Deliverer;
  createDevice(): Promise<TrialDevice>;
}

/** A device, and the deliverer under test for it alone. */
export interface TrialDevice {
  readonly deviceId: string;
  behave(behaviour: DeviceBehaviour): Promise<void>;
  /** Delivers a command whose payload has this number. Fails where the deliverer rejects or hangs. */
  deliver(number: number, context?: Partial<DeliveryContext>): Promise<DeliveryResult>;
  /** As `deliver`, of a command that expires. */
  deliverExpiring(number: number, expiresAt: Date): Promise<DeliveryResult>;
  deliverPayload(
    payload: CommandInput['payload'],
    context?: Partial<DeliveryContext>,
  ): Promise<DeliveryResult>;
  /** Delivers settings, as a connector does. */
  deliverSettings(payload: CommandInput['payload']): Promise<DeliveryResult>;
  tellSettings(bytes: Buffer): Promise<void>;
  tellPresence(said: 'present' | 'away'): Promise<void>;
  /** The next that it took. */
  receive(): Promise<ReceivedCommand>;
  /** The numbers of the next that it took. */
  receiveNumbers(count: number): Promise<number[]>;
  /** Fails where it takes anything more; call it last. */
  receiveNothingMore(): Promise<void>;
}

/** Runs with a started deliverer and as many devices as asked for, and closes them, also when `run` fails. */
export async function withDeliverer(
  harness: DelivererHarness,
  run: (trial: Trial) => Promise<void>,
  settings: Partial<DelivererUnderTest> = {},
  port: ConnectorPort = deafPort,
): Promise<void> {
  const deliverer = harness.createDeliverer({ timeoutMs: patienceMs * 2, ...settings });
  const devices: { close(): Promise<void> }[] = [];

  async function createDevice(): Promise<TrialDevice> {
    const device = await harness.createDevice();
    devices.push(device);
    return trialDevice(deliverer, device);
  }

  try {
    await deliverer.start(port, { timeoutMs: patienceMs });
    await run({ deliverer, createDevice });
  } finally {
    await deliverer.close({ timeoutMs: 1_000 });
    await Promise.all(devices.map((device) => device.close()));
  }
}

function trialDevice(deliverer: Deliverer, device: ConformanceDevice): TrialDevice {
  const { deviceId } = device;
  const received = device.received[Symbol.asyncIterator]();

  function deliverAs(
    kind: Pick<CommandInput, 'commandType' | 'supersedeKey' | 'expiresAt'>,
    payload: CommandInput['payload'],
    context: Partial<DeliveryContext> = {},
  ) {
    const protocol = deliverer.protocol as Protocol;
    const command = parseCommand({ deviceId, protocol, payload, ...kind }, { protocols: [protocol] });
    const signal = new AbortController().signal;
    return answered(deliverer.deliver(command, { attempt: 1, mayBeRepeat: false, signal, ...context }));
  }

  function deliverPayload(payload: CommandInput['payload'], context?: Partial<DeliveryContext>) {
    return deliverAs({ commandType: 'conformance' }, payload, context);
  }

  async function receive() {
    const next = await within(received.next(), patienceMs, `a command at ${deviceId}`);
    assert.ok(!next.done, 'the device goes on receiving');
    return next.value;
  }

  return {
    deviceId,
    behave: (behaviour) => device.behave(behaviour),
    tellSettings: (bytes) => device.tellSettings(bytes),
    async tellPresence(said) {
      assert.ok(device.tellPresence, 'a device of a harness that supports presence has tellPresence');
      await device.tellPresence(said);
    },
    deliverSettings: (payload) => deliverAs({ commandType: 'settings', supersedeKey: 'settings' }, payload),
    deliverPayload,
    deliverExpiring: (number, expiresAt) => deliverAs({ commandType: 'conformance', expiresAt }, { number }),
    deliver: (number, context) => deliverPayload({ number }, context),
    receive,
    async receiveNumbers(count) {
      const numbers: number[] = [];
      while (numbers.length < count) numbers.push(numberOf(await receive()));
      return numbers;
    },
    async receiveNothingMore() {
      const quiet = new Promise<undefined>((resolve) => setTimeout(resolve, quietMs, undefined));
      const more = await Promise.race([received.next(), quiet]);
      if (more !== undefined && !more.done) assert.fail(`the device took ${more.value.bytes} as well`);
    },
  };
}

function answered(delivering: Promise<DeliveryResult>): Promise<DeliveryResult> {
  const settled = delivering.catch((error: unknown) => {
    assert.fail(`deliver never rejects, but did with: ${String(error)}`);
  });
  const answer = within(settled, patienceMs, 'the answer of deliver');
  // A test that fails before it waits for this answer has its own failure to tell.
  answer.catch(() => {});
  return answer;
}

function numberOf({ bytes }: ReceivedCommand): number {
  return JSON.parse(bytes.toString()).number;
}
