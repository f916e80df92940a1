import type { FaultyCluster } from '@preservarium/conformance';

export interface StartMosquittoOptions {
  /** TLS with a certificate made for this broker. Default: no TLS. */
  readonly tls?: boolean;
  /** When the certificate expires. Default: in a year. */
  readonly certificateUntil?: Date;
  /** Passwords by user name; nobody else may connect. Default: anybody may. */
  readonly users?: Readonly<Record<string, string>>;
  /** Further lines of its configuration, for example `max_qos 1`. */
  readonly configuration?: readonly string[];
  /** A listener for WebSocket besides that of TCP, with TLS where `tls` is true. Default: none. */
  readonly webSocket?: boolean;
  /** Permissions, as lines of mosquitto's `acl_file`. Default: everybody may do everything. */
  readonly accessControl?: readonly string[];
}

/** A mosquitto of the test's own: it ends at `stop`, or with this process. */
export interface Mosquitto extends FaultyCluster, AsyncDisposable {
  /** `mqtt://127.0.0.1:` or `mqtts://127.0.0.1:` and the port, the same after a restart. */
  readonly url: string;
  readonly port: number;
  /** `ws://127.0.0.1:` or `wss://127.0.0.1:` and the port, with `webSocket`. */
  readonly webSocketUrl?: string;
  /** The authority to trust, with `tls`: its PEM, and a file with it. */
  readonly authority?: { readonly pem: string; readonly file: string };
  /** Ends the broker as its service manager does: it saves sessions and messages, and has them again after `start`. */
  shutDown(): Promise<void>;
  /** Ends the broker and deletes its folder. */
  stop(): Promise<void>;
}
