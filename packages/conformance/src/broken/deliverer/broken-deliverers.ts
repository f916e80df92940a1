import type { ConnectorPort, Deliverer, DeliveryResult } from '@preservarium/deliverer';
import type { FakeDevice } from './fake-devices.js';

/** Calls a command delivered when it has been handed over, as a client library that queues does. */
export function deliversEarly(deliverer: Deliverer): Deliverer {
  return {
    ...deliverer,
    async deliver(command, context) {
      const delivering = deliverer.deliver(command, context);
      const soon = new Promise<DeliveryResult>((resolve) =>
        setTimeout(resolve, 5, { kind: 'delivered', evidence: 'device' }),
      );
      return Promise.race([delivering, soon]);
    },
  };
}

/** Goes on sending what it gave up, as a client that resends its queue after a reconnect does. */
export function sendsAfterGivingUp(
  deliverer: Deliverer,
  devices: ReadonlyMap<string, FakeDevice>,
): Deliverer {
  return {
    ...deliverer,
    async deliver(command, context) {
      const result = await deliverer.deliver(command, context);
      if (result.kind !== 'retryable') return result;
      const bytes = Buffer.from(JSON.stringify(command.payload));
      const device = devices.get(command.deviceId);
      void device?.take({ bytes }).then(function again(answer) {
        if (answer === 'absent') setTimeout(() => void device.take({ bytes }).then(again), 5);
      });
      return result;
    },
  };
}

/** Rejects where it should say that a command is retryable. */
export function rejectsItsPromise(deliverer: Deliverer): Deliverer {
  return {
    ...deliverer,
    async deliver(command, context) {
      const result = await deliverer.deliver(command, context);
      if (result.kind === 'retryable') throw new Error(result.reason);
      return result;
    },
  };
}

/** Knows nothing of the signal. */
export function hangsOnAbort(deliverer: Deliverer): Deliverer {
  return {
    ...deliverer,
    deliver: (command, context) =>
      deliverer.deliver(command, { ...context, signal: new AbortController().signal }),
  };
}

/** Looks at the lease and at the expiry only before it begins. */
export function asksTooEarly(deliverer: Deliverer): Deliverer {
  return {
    ...deliverer,
    deliver: (command, context) => {
      const { expiresAt: _, ...lasting } = command;
      return deliverer.deliver(lasting, { ...context, maySend: () => true });
    },
  };
}

/** Delivers one command at a time, of whatever device. */
export function holdsOthersUp(deliverer: Deliverer): Deliverer {
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...deliverer,
    async deliver(command, context) {
      const delivering = last.then(() => deliverer.deliver(command, context));
      last = delivering;
      return delivering;
    },
  };
}

/** Says that a device which does not answer is there. */
export function overlooksAbsence(deliverer: Deliverer): Deliverer {
  return {
    ...deliverer,
    async deliver(command, context) {
      const result = await deliverer.deliver(command, context);
      return result.kind === 'retryable' ? { ...result, unreachable: false } : result;
    },
  };
}

/** At close, gives up the deliveries in flight at once. */
export function dropsOnClose(deliverer: Deliverer): Deliverer {
  return { ...deliverer, close: () => deliverer.close({ timeoutMs: 0 }) };
}

/** Takes the desired settings that it sends for the reported settings of the device. */
export function answersForDevices(deliverer: Deliverer): Deliverer {
  return {
    ...deliverer,
    async deliver(command, context) {
      const result = await deliverer.deliver(command, context);
      return result.kind === 'delivered' ? { ...result, result: command.payload } : result;
    },
  };
}

/** Tells only that devices are there. */
export function overlooksGoodbyes(deliverer: Deliverer): Deliverer {
  return {
    ...deliverer,
    start: (port, options) => deliverer.start({ ...port, presence: onlyPresent(port) }, options),
  };
}

function onlyPresent(port: ConnectorPort): NonNullable<ConnectorPort['presence']> {
  return (deviceId) => port.presence?.(deviceId, 'present');
}

/** Takes a device that says that it is there for one that answered, whether or not the connector asks for presence. */
export function takesPresenceForAnswers(deliverer: Deliverer): Deliverer {
  return {
    ...deliverer,
    start: (port, options) =>
      deliverer.start({ ...port, presence: (deviceId) => void port.reachable(deviceId) }, options),
  };
}
