import type { IConnackPacket } from 'mqtt';

/** The limits that the broker announces when it accepts a connection (MQTT 5.0, section 3.2.2.3). */
export interface BrokerLimits {
  readonly maxInFlight: number;
  readonly maxQos: number;
  readonly maxPacketBytes: number;
  readonly takesRetained: boolean;
  readonly takesSharedSubscriptions: boolean;
  readonly takesWildcards: boolean;
}

export function brokerLimits({ properties = {} }: IConnackPacket): BrokerLimits {
  return {
    maxInFlight: properties.receiveMaximum ?? 65_535,
    maxQos: properties.maximumQoS ?? 2,
    maxPacketBytes: properties.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    takesRetained: properties.retainAvailable ?? true,
    takesSharedSubscriptions: properties.sharedSubscriptionAvailable ?? true,
    takesWildcards: properties.wildcardSubscriptionAvailable ?? true,
  };
}
