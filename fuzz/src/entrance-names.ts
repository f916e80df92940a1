/** Every entrance, in the order of a run. */
export const entranceNames = [
  'kafka-command',
  'kafka-waiting',
  'kafka-settings',
  'kafka-reported',
  'kafka-event',
  'kafka-dead-letter',
  'mqtt-answer',
  'mqtt-report',
  'mqtt-presence',
  'http-answer',
  'http-report',
  'coap-datagram',
  'coap-answer',
  'coap-report',
  'gateway-request',
  'capabilities-file',
  'capabilities-check',
  'device-types-file',
  'device-directory-file',
  'env-file',
] as const;

export type EntranceName = (typeof entranceNames)[number];
