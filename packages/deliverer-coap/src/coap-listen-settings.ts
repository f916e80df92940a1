/** Where devices that poll find the connector, and how many may. */
export interface CoapListenSettings {
  /** Default: `0.0.0.0`; `::` takes IPv6 and IPv4. */
  readonly host?: string;
  /** UDP port. Default: 5683 (RFC 7252, section 6.1). */
  readonly port?: number;
  /**
   * Devices that may observe, and devices that may have a request open, at a time. Those beyond are answered 5.03 and told to
   * come back after a minute. Default: 10,000 each.
   */
  readonly maxDevices?: number;
}
