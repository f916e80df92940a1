import type { MqttWire } from './mqtt-wire.js';

/** Rules of devices that many have, by the documentation of each, for a command type. `{commandType}` in a topic stands for it. */
export const mqttPresets: Readonly<Record<string, (commandType: string) => MqttWire>> = {
  /** https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html: the device publishes its new state. */
  zigbee2mqtt: () => ({
    topic: 'zigbee2mqtt/{+deviceId}/set',
    answer: { topic: 'zigbee2mqtt/{+deviceId}', success: { contains: '{value}' } },
  }),
  /**
   * https://tasmota.github.io/docs/MQTT/: the command type is the command as the answer has it, such as `POWER` (devices take `Power`, too, and answer with `POWER`); with
   * SetOption4 off.
   */
  tasmota: () => ({
    topic: 'cmnd/{deviceId}/{commandType}',
    payload: 'text',
    answer: {
      topic: 'stat/{deviceId}/RESULT',
      failure: { pointer: '/Command', pattern: '^(Unknown|Error)$' },
      success: { pointer: '/{commandType}' },
      result: '/{commandType}',
      reason: '/Command',
    },
  }),
  /**
   * https://shelly-api-docs.shelly.cloud/gen2/General/RPCProtocol: a frame with `id`, `src`, `method` and `params`; the device answers on the topic `<src>/rpc`. The device id is
   * the prefix of its topics, which may have levels; the command type is the method, such as `Switch.Set`.
   */
  'shelly-gen2': () => ({
    topic: '{+deviceId}/rpc',
    frame: { id: '{requestId}', src: 'preservarium/{deviceId}', method: '{commandType}', params: '{value}' },
    answer: {
      topic: 'preservarium/{+deviceId}/rpc',
      match: { pointer: '/id', equals: '{requestId}' },
      failure: { pointer: '/error' },
      result: '/result',
      reason: '/error/message',
    },
  }),
  /**
   * https://esphome.io/components/mqtt: the device id is the prefix of its topics, which may have levels; the command type is the kind and the name of a component, such as
   * `switch/relay`.
   */
  esphome: (commandType) => ({
    topic: '{+deviceId}/{commandType}/command',
    ...esphomeValues(commandType.split('/')[0]),
  }),
};

const esphomeState = '{+deviceId}/{commandType}/state';

/** https://github.com/esphome/esphome/tree/dev/esphome/components/mqtt has a file for each kind of component. */
function esphomeValues(kind: string | undefined): MqttWire {
  switch (kind) {
    case 'light':
      return { answer: { topic: esphomeState, success: { contains: '{value}' } } };
    case 'number':
      return {
        payload: 'number',
        answer: { topic: esphomeState, payload: 'number', success: { equals: '{float}' } },
      };
    default:
      return {
        payload: 'text',
        answer: { topic: esphomeState, payload: 'text', success: { equals: '{value}' } },
      };
  }
}
