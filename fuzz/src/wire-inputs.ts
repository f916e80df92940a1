import fc from 'fast-check';
import { jsonLike, text } from './inputs.js';

export const deviceId = fc.oneof(
  { weight: 5, arbitrary: fc.nat(50).map((number) => `device-${number}`) },
  { weight: 1, arbitrary: text },
);
export const requestId = fc.oneof({ weight: 3, arbitrary: fc.uuid() }, { weight: 1, arbitrary: text });
export const time = fc.constantFrom<unknown>(
  '2099-01-31T12:00:00Z',
  '2001-01-31T12:00:00',
  4_102_444_800,
  'today',
  null,
);
export const dictionary = fc.dictionary(text, fc.oneof(text, fc.nat(), fc.jsonValue({ maxDepth: 2 })), {
  maxKeys: 4,
});

/** A command as the wire has it, in bytes. */
export const command = jsonLike({
  request_id: requestId,
  device_id: deviceId,
  command_type: fc.oneof(fc.constantFrom('set_led', 'settings', 'feedback'), text),
  protocol: fc.constantFrom('mqtt', 'http', 'coap', 'MQTT', 'lora'),
  payload: dictionary,
  timestamp: time,
  expires_at: time,
  priority: fc.integer(),
  supersede_key: text,
  topic: fc.oneof(
    deviceId.map((id) => `devices/${id}/commands`),
    text,
  ),
  path: fc.oneof(fc.constantFrom('led', '/led', '..', '%2e%2e/x'), text),
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
  qos: fc.integer({ min: -1, max: 3 }),
  metadata: dictionary,
});
