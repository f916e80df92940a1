import { ConfigurationError } from '@preservarium/core';
import {
  compileRequestTypes,
  type DeviceDirectory,
  type FormatCommand,
  type RequestDeviceTypes,
} from '@preservarium/deliverer';
import type { TokensOfDevice } from './coap-tokens.js';

/** At least one of `directory` and `listen` is needed; with both, the devices that the directory does not know poll. */
export interface CoapDelivererOptions {
  /**
   * Push: where the devices that have a CoAP server of their own are, as `coap://host[:port][/path]`. A command's path goes behind
   * it. Nothing outside it is ever called.
   */
  readonly directory?: DeviceDirectory;
  /** Poll: where the devices that ask for their commands do so. Default: nowhere. */
  readonly listen?: CoapListenOptions;
  /** Makes the bytes. Default: JSON of the payload, or the bytes of a payload that is `raw` alone. */
  readonly formatCommand?: FormatCommand;
  /**
   * Devices with paths and payloads of their own; these count for more than `formatCommand`. A device that polls takes the payload alone: it asks at a path of the connector,
   * and reports its answer there. Default: none.
   */
  readonly deviceTypes?: RequestDeviceTypes;
  /**
   * Deadline for a delivery, until the device has answered or acknowledged, in milliseconds; a command that expires earlier is
   * given up then. Default 10,000.
   */
  readonly timeoutMs?: number;
}

/** Where devices that poll find the connector, and how many may. */
export interface CoapListenOptions {
  /** Default `0.0.0.0`; `::` takes IPv6 and IPv4. */
  readonly host?: string;
  /** UDP port. Default 5683 (RFC 7252, section 6.1). */
  readonly port?: number;
  /**
   * Devices that may observe, and devices that may have a request open, at a time. Those beyond are answered 5.03 and told to
   * come back after a minute. Default 10,000 each.
   */
  readonly maxDevices?: number;
  /**
   * Tokens of devices: a request must have one of its device in its query (`?token=…`), or is answered 4.01. Default: devices are not authenticated, and
   * any endpoint may ask as any device. They are sent in clear: other devices do not know them, but somebody who reads the network does.
   */
  readonly tokens?: TokensOfDevice;
}

/** The settings with defaults. @throws ConfigurationError that names the setting, the problem and an example */
export function readOptions({
  directory,
  listen,
  formatCommand,
  deviceTypes,
  timeoutMs,
}: CoapDelivererOptions) {
  if (directory === undefined && listen === undefined) {
    throw new ConfigurationError(
      'directory and listen: one of them is needed to reach a device; for example listen: { port: 5683 }',
    );
  }
  return {
    directory: directory ?? (() => undefined),
    listen: listen && {
      host: listen.host ?? '0.0.0.0',
      port: positive('listen.port', listen.port, 5683, 65_535),
      tokens: listen.tokens,
      maxDevices: positive('listen.maxDevices', listen.maxDevices, 10_000),
    },
    formatCommand: formatCommand ?? (() => undefined),
    wireOf: compileRequestTypes('coap', deviceTypes),
    timeoutMs: positive('timeoutMs', timeoutMs, 10_000, 2 ** 31 - 1),
  };
}

export type CompleteOptions = ReturnType<typeof readOptions>;
export type CompleteCoapListenOptions = NonNullable<CompleteOptions['listen']>;

function positive(
  name: string,
  value: number | undefined,
  otherwise: number,
  limit = Number.MAX_SAFE_INTEGER,
) {
  if (value === undefined) return otherwise;
  if (Number.isSafeInteger(value) && value > 0 && value <= limit) return value;
  const range = limit === Number.MAX_SAFE_INTEGER ? '' : ` up to ${limit}`;
  throw new ConfigurationError(
    `${name}: ${value} is not a positive whole number${range}; for example ${otherwise}`,
  );
}
