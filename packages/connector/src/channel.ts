import type { CommandMessage } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';

/**
 * Returns the channel of a command: commands of one channel keep their order. All commands of a device are in one channel, named by the id of the device, but
 * for those for which the deliverer names another one.
 */
export type ChannelOf = (command: CommandMessage) => string;

/** No device id has it. */
const separator = '\n';
const behindSeparator = '\u000b';

export function createChannelOf(deliverer: Pick<Deliverer, 'channelOf'>): ChannelOf {
  const nameOf = deliverer.channelOf?.bind(deliverer);
  if (nameOf === undefined) return ({ deviceId }) => deviceId;
  return (command) => {
    const name = nameOf(command);
    return name === undefined ? command.deviceId : `${command.deviceId}${separator}${name}`;
  };
}

export function deviceIdOfChannel(channel: string): string {
  const end = channel.indexOf(separator);
  return end === -1 ? channel : channel.slice(0, end);
}

/** Returns between which texts the named channels of a device are. */
export function boundsOfChannels(deviceId: string): readonly [from: string, to: string] {
  return [`${deviceId}${separator}`, `${deviceId}${behindSeparator}`];
}
