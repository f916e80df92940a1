import type { DeviceDirectory, FormatCommand } from '@preservarium/connector';
import type { CoapListenSettings } from './coap-listen-settings.js';

/** At least one of `directory` and `listen` is needed; with both, the devices that the directory does not know poll. */
export interface CoapDelivererSettings {
  /**
   * Push: where the devices that have a CoAP server of their own are, as `coap://host[:port][/path]`. A command's path is
   * appended. No other address is ever used, whatever a command says.
   */
  readonly directory?: DeviceDirectory;
  /** Poll: where the devices that ask for their commands do so. Default: nowhere. */
  readonly listen?: CoapListenSettings;
  /** Default: the payload as JSON, or the bytes of a payload that is `raw` alone. */
  readonly formatCommand?: FormatCommand;
  /**
   * How long a delivery may take until the device has answered or acknowledged, in milliseconds; a command that expires earlier
   * is given up then. Default: 10,000.
   */
  readonly timeoutMs?: number;
}
