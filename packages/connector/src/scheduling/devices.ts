import { deviceIdOfChannel } from '../channel.js';
import type { CommandLedger, CommandTarget, PendingCommand } from '../pending-command.js';
import { createDevice, type Device } from './device.js';

/** The channels of devices that are in memory, by the ledgers of their partitions. */
export interface Devices {
  open(ledger: CommandLedger): void;
  close(ledger: CommandLedger): void;
  ledgers(): Iterable<CommandLedger>;
  /** Returns all channels of a partition. */
  of(ledger: CommandLedger): Iterable<Device>;
  find(ledger: CommandLedger, channel: string): Device | undefined;
  /** Returns the channel, which is in memory from now on. */
  take(ledger: CommandLedger, channel: string): Device;
  /** Returns the channels of one device. */
  channelsOf(ledger: CommandLedger, deviceId: string): readonly Device[];
  /** Returns the command if it is in the queue of its channel. */
  queued(ledger: CommandLedger, target: CommandTarget): PendingCommand | undefined;
  forget(device: Device): void;
}

interface OfLedger {
  readonly byChannel: Map<string, Device>;
  /** The channels that are not named by the id of their device; most devices have none. */
  readonly further: Map<string, Set<Device>>;
}

export function createDevices(): Devices {
  const all = new Map<CommandLedger, OfLedger>();

  function open(ledger: CommandLedger): OfLedger {
    const ofLedger = { byChannel: new Map(), further: new Map() };
    all.set(ledger, ofLedger);
    return ofLedger;
  }

  function take(ledger: CommandLedger, channel: string): Device {
    const { byChannel, further } = all.get(ledger) ?? open(ledger);
    const known = byChannel.get(channel);
    if (known !== undefined) return known;
    const deviceId = deviceIdOfChannel(channel);
    const device = createDevice(deviceId, channel, ledger);
    byChannel.set(channel, device);
    if (channel !== deviceId) further.set(deviceId, (further.get(deviceId) ?? new Set()).add(device));
    return device;
  }

  function forget(device: Device): void {
    const { byChannel, further } = all.get(device.ledger) ?? {};
    byChannel?.delete(device.channel);
    const others = further?.get(device.deviceId);
    if (others?.delete(device) && others.size === 0) further?.delete(device.deviceId);
  }

  function channelsOf(ledger: CommandLedger, deviceId: string): readonly Device[] {
    const { byChannel, further } = all.get(ledger) ?? {};
    const first = byChannel?.get(deviceId);
    const others = further?.get(deviceId);
    if (others === undefined) return first === undefined ? [] : [first];
    return first === undefined ? [...others] : [first, ...others];
  }

  return {
    open,
    take,
    forget,
    channelsOf,
    close: (ledger) => all.delete(ledger),
    ledgers: () => all.keys(),
    of: (ledger) => all.get(ledger)?.byChannel.values() ?? [],
    find: (ledger, channel) => all.get(ledger)?.byChannel.get(channel),
    queued(ledger, { deviceId, requestId }) {
      for (const { queue } of channelsOf(ledger, deviceId)) {
        const pending = queue.get(requestId);
        if (pending !== undefined) return pending;
      }
      return undefined;
    },
  };
}
