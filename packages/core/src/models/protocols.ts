/**
 * The protocols that a command may name. An application adds its own by declaration merging, and registers it in the options of the
 * service (`protocols`):
 *
 * ```ts
 * declare module '@preservarium/core' {
 *   interface Protocols {
 *     lorawan: unknown;
 *   }
 * }
 * ```
 */
export interface Protocols {
  /** MQTT 3.1.1 or 5. */
  mqtt: unknown;
  /** CoAP (RFC 7252). */
  coap: unknown;
  /** HTTP/1.1. */
  http: unknown;
}

/** The name of a protocol: `mqtt`, `coap`, `http` or one that the application added to {@link Protocols}. */
export type Protocol = keyof Protocols & string;

/** The protocols with fields of their own. */
export const knownProtocols = ['mqtt', 'coap', 'http'] as const satisfies readonly Protocol[];

/** The request methods of CoAP and HTTP. */
export const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'FETCH', 'IPATCH'] as const;

/** A request method of CoAP (RFC 7252, RFC 8132) or HTTP. */
export type Method = (typeof methods)[number];
