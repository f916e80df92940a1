/** PEM texts of a TLS client. */
export interface TlsOptions {
  /** The certificate authorities to trust instead of the system's. */
  readonly ca?: string;
  /** The client's certificate, together with `key`. */
  readonly cert?: string;
  readonly key?: string;
  /** Of an encrypted `key`. */
  readonly passphrase?: string;
}

/** `true` trusts the system's authorities. A function is called for each connection: files may be renewed. */
export type TlsSource = true | TlsOptions | (() => TlsOptions);
