import { randomUUID } from 'node:crypto';
import { type Mosquitto, startMosquitto } from '@preservarium/dev-services';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { MqttDeviceType } from '../src/index.js';
import { startTrial } from './mqtt-trial.js';

let broker: Mosquitto;
beforeAll(async () => {
  broker = await startMosquitto({ webSocket: true });
});
afterAll(() => broker.stop());

type Simulator = (deviceId: string) => {
  readonly topics: readonly string[];
  /** Returns the messages that the device publishes for one that it receives. */
  receive(topic: string, payload: string): readonly Message[];
};
interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly retain?: boolean;
}

/** https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html */
const zigbee2mqtt: Simulator = (name) => {
  let state: object = { linkquality: 120, state: 'OFF' };
  return {
    topics: [`zigbee2mqtt/${name}/set`],
    receive(_, payload) {
      const wanted: { state?: string } = JSON.parse(payload);
      // A device that is away gives no state, and an error on a topic of the bridge.
      if ('broken' in wanted) {
        return [
          {
            topic: 'zigbee2mqtt/bridge/logging',
            payload: '{"level":"error","message":"No converter available"}',
          },
        ];
      }
      const before = JSON.stringify(state);
      state = { ...state, ...wanted, ...(wanted.state === 'TOGGLE' && { state: 'ON' }) };
      const topic = `zigbee2mqtt/${name}`;
      // Other reports of the device come in between.
      return [
        { topic, payload: before, retain: true },
        { topic, payload: JSON.stringify(state), retain: true },
      ];
    },
  };
};

/** https://tasmota.github.io/docs/MQTT/: `RESULT` has the answer to each command, `POWER` the state of the relay. */
const tasmota: Simulator = (id) => ({
  topics: [`cmnd/${id}/#`],
  receive(topic, payload) {
    const command = topic.split('/').at(-1) ?? '';
    const result = `stat/${id}/RESULT`;
    if (command === 'Dimmer')
      return [{ topic: result, payload: `{"POWER":"ON","Dimmer":${payload},"Color":"1A0B048E"}` }];
    if (command !== 'POWER') return [{ topic: result, payload: '{"Command":"Unknown"}' }];
    if (!/^(ON|OFF|TOGGLE)$/.test(payload)) return [{ topic: result, payload: '{"Command":"Error"}' }];
    const power = payload === 'TOGGLE' ? 'ON' : payload;
    return [
      { topic: `tele/${id}/STATE`, payload: '{"POWER":"OFF"}' },
      { topic: result, payload: JSON.stringify({ POWER: power }) },
      { topic: `stat/${id}/POWER`, payload: power },
    ];
  },
});

/** https://shelly-api-docs.shelly.cloud/gen2/General/RPCProtocol, and CommonErrors beside it: `src` of the answer is the device's own id, whatever the prefix of its topics is. */
const shelly: Simulator = (prefix) => ({
  topics: [`${prefix}/rpc`],
  receive(_, payload) {
    const { id: frame, src, method, params } = JSON.parse(payload);
    const topic = `${src}/rpc`;
    const head = { id: frame, src: 'shellyplus1-a8032ab636ec', dst: src };
    const errorOf = (code: number, message: string) => ({ ...head, error: { code, message } });
    const answer = () => {
      if (method !== 'Switch.Set') return errorOf(404, `No handler for ${method}`);
      if (params?.id === undefined) return errorOf(-103, "Missing required 'id'");
      return { ...head, result: { was_on: !params.on } };
    };
    const notification = { src: head.src, dst: `${prefix}/events`, method: 'NotifyStatus', params: {} };
    return [
      { topic: `${prefix}/events/rpc`, payload: JSON.stringify(notification) },
      { topic, payload: JSON.stringify({ ...head, id: 'of another client', result: {} }) },
      { topic, payload: JSON.stringify(answer()) },
    ];
  },
});

/**
 * https://esphome.io/components/mqtt: `<prefix>/<component>/<name>/command`, and `…/state`, retained. A number is printed with "%f" from a float of 32 bits, a light takes and says
 * JSON, and the state of a lock is another word than the command.
 */
const esphome: Simulator = (prefix) => {
  let light = { color_mode: 'brightness', state: 'OFF', brightness: 0, color: {} };
  const stateOf = (kind: string | undefined, payload: string): string | undefined => {
    switch (kind) {
      case 'number':
        return Number.isFinite(Number(payload)) ? Math.fround(Number(payload)).toFixed(6) : undefined;
      case 'light':
        light = { ...light, ...JSON.parse(payload) };
        return JSON.stringify(light);
      case 'lock':
        return /^(UN)?LOCK$/i.test(payload) ? `${payload.toUpperCase()}ED` : undefined;
      default:
        return /^(ON|OFF)$/i.test(payload) ? payload.toUpperCase() : undefined;
    }
  };
  return {
    topics: [`${prefix}/+/+/command`],
    receive(topic, text) {
      const state = stateOf(topic.slice(prefix.length).split('/')[1], text);
      return state === undefined
        ? []
        : [{ topic: topic.replace(/command$/, 'state'), payload: state, retain: true }];
    },
  };
};

/** No known kind: it answers a text with OK or an error on another topic. */
const simple: Simulator = (id) => ({
  topics: [`plc/${id}/in`],
  receive: (_, payload) => [{ topic: `plc/${id}/out`, payload: payload === 'ON' ? 'OK' : `ERR ${payload}` }],
});

async function start(simulator: Simulator, deviceId: string) {
  const received: (readonly [topic: string, payload: string])[] = [];
  const device = simulator(deviceId);
  const client: MqttClient = await connectAsync(broker.url);
  onTestFinished(() => client.endAsync(true));
  client.on('message', (topic, bytes) => {
    received.push([topic, bytes.toString()]);
    for (const { retain = false, ...message } of device.receive(topic, bytes.toString())) {
      client.publish(message.topic, message.payload, { qos: 1, retain });
    }
  });
  await client.subscribeAsync([...device.topics], { qos: 1 });
  return received;
}

interface Case {
  readonly simulator: Simulator;
  readonly type: MqttDeviceType;
  readonly deviceId?: string;
  readonly commandType: string;
  readonly payload: Record<string, unknown>;
  readonly receives: readonly [topic: string, payload: unknown];
  readonly report?: object;
}

const simpleType: MqttDeviceType = {
  topic: 'plc/{deviceId}/in',
  payload: 'text',
  answer: {
    topic: 'plc/{deviceId}/out',
    payload: 'text',
    success: { pattern: '^OK$' },
    failure: { pattern: '^ERR' },
  },
  commands: { switch: {} },
};
const presetOf = (preset: string, ...commands: string[]): MqttDeviceType => ({
  preset,
  commands: Object.fromEntries(commands.map((command) => [command, {}])),
});

const cases: Readonly<Record<string, Case>> = {
  'a text, answered with OK on another topic': {
    simulator: simple,
    type: simpleType,
    commandType: 'switch',
    payload: { $value: 'ON' },
    receives: ['plc/ID/in', 'ON'],
    report: { state: 'succeeded', result: 'OK' },
  },
  'a text, answered with an error': {
    simulator: simple,
    type: simpleType,
    commandType: 'switch',
    payload: { $value: 'HALF' },
    receives: ['plc/ID/in', 'HALF'],
    report: { state: 'failed', reason: 'ERR HALF', result: 'ERR HALF' },
  },
  'Zigbee2MQTT: the state that was wanted': {
    simulator: zigbee2mqtt,
    type: presetOf('zigbee2mqtt', 'set'),
    commandType: 'set',
    payload: { state: 'ON', color: { x: 0.1 } },
    receives: ['zigbee2mqtt/ID/set', '{"state":"ON","color":{"x":0.1}}'],
    report: { state: 'succeeded', result: { state: 'ON', color: { x: 0.1 }, linkquality: 120 } },
  },
  'Zigbee2MQTT: a name with levels': {
    simulator: zigbee2mqtt,
    type: presetOf('zigbee2mqtt', 'set'),
    deviceId: `living_room/${randomUUID()}`,
    commandType: 'set',
    payload: { state: 'ON' },
    receives: ['zigbee2mqtt/ID/set', '{"state":"ON"}'],
    report: { state: 'succeeded', result: { state: 'ON', linkquality: 120 } },
  },
  'Zigbee2MQTT: a device that does not change': {
    simulator: zigbee2mqtt,
    type: presetOf('zigbee2mqtt', 'set'),
    commandType: 'set',
    payload: { broken: true },
    receives: ['zigbee2mqtt/ID/set', '{"broken":true}'],
  },
  'Zigbee2MQTT: a state that is no state, so that no answer has it': {
    simulator: zigbee2mqtt,
    type: presetOf('zigbee2mqtt', 'set'),
    commandType: 'set',
    payload: { state: 'TOGGLE' },
    receives: ['zigbee2mqtt/ID/set', '{"state":"TOGGLE"}'],
  },
  'Tasmota: a relay is toggled, and the answer has its new state': {
    simulator: tasmota,
    type: presetOf('tasmota', 'POWER'),
    commandType: 'POWER',
    payload: { $value: 'TOGGLE' },
    receives: ['cmnd/ID/POWER', 'TOGGLE'],
    report: { state: 'succeeded', result: 'ON' },
  },
  'Tasmota: a command with other members in its answer': {
    simulator: tasmota,
    type: presetOf('tasmota', 'Dimmer'),
    commandType: 'Dimmer',
    payload: { $value: 56 },
    receives: ['cmnd/ID/Dimmer', '56'],
    report: { state: 'succeeded', result: 56 },
  },
  'Tasmota: POWER': {
    simulator: tasmota,
    type: presetOf('tasmota', 'POWER'),
    commandType: 'POWER',
    payload: { $value: 'ON' },
    receives: ['cmnd/ID/POWER', 'ON'],
    report: { state: 'succeeded', result: 'ON' },
  },
  'Tasmota: a command that it does not know': {
    simulator: tasmota,
    type: presetOf('tasmota', 'POVER'),
    commandType: 'POVER',
    payload: { $value: 'ON' },
    receives: ['cmnd/ID/POVER', 'ON'],
    report: { state: 'failed', reason: 'Unknown' },
  },
  'Shelly: a method': {
    simulator: shelly,
    type: presetOf('shelly-gen2', 'Switch.Set'),
    commandType: 'Switch.Set',
    payload: { id: 0, on: true },
    receives: [
      'ID/rpc',
      expect.stringMatching(
        /^\{"id":"[-\w]+","src":"preservarium\/[-\w]+","method":"Switch.Set","params":\{"id":0,"on":true\}\}$/,
      ),
    ],
    report: { state: 'succeeded', result: { was_on: false } },
  },
  'Shelly: a method that it does not have': {
    simulator: shelly,
    type: presetOf('shelly-gen2', 'Cover.Open'),
    commandType: 'Cover.Open',
    payload: { id: 0 },
    receives: ['ID/rpc', expect.stringContaining('"Cover.Open"')],
    report: { state: 'failed', reason: 'No handler for Cover.Open' },
  },
  'Shelly: parameters that it does not take': {
    simulator: shelly,
    type: presetOf('shelly-gen2', 'Switch.Set'),
    commandType: 'Switch.Set',
    payload: { on: true },
    receives: ['ID/rpc', expect.stringContaining('"params":{"on":true}')],
    report: { state: 'failed', reason: "Missing required 'id'" },
  },
  'Shelly: a prefix with levels': {
    simulator: shelly,
    type: presetOf('shelly-gen2', 'Switch.Set'),
    deviceId: `shellies/${randomUUID()}`,
    commandType: 'Switch.Set',
    payload: { id: 0, on: false },
    receives: ['ID/rpc', expect.stringContaining('"src":"preservarium/shellies/')],
    report: { state: 'succeeded', result: { was_on: true } },
  },
  'ESPHome: a switch': {
    simulator: esphome,
    type: presetOf('esphome', 'switch/relay'),
    commandType: 'switch/relay',
    payload: { $value: 'ON' },
    receives: ['ID/switch/relay/command', 'ON'],
    report: { state: 'succeeded', result: 'ON' },
  },
  'ESPHome: a number': {
    simulator: esphome,
    type: presetOf('esphome', 'number/level'),
    commandType: 'number/level',
    payload: { $value: 21.5 },
    receives: ['ID/number/level/command', '21.5'],
    report: { state: 'succeeded', result: 21.5 },
  },
  'ESPHome: a number that a float of 32 bits does not hold': {
    simulator: esphome,
    type: presetOf('esphome', 'number/level'),
    commandType: 'number/level',
    payload: { $value: 21.7 },
    receives: ['ID/number/level/command', '21.7'],
    report: { state: 'succeeded', result: 21.700001 },
  },
  'ESPHome: a light, in JSON': {
    simulator: esphome,
    type: presetOf('esphome', 'light/strip'),
    commandType: 'light/strip',
    payload: { state: 'ON', brightness: 128 },
    receives: ['ID/light/strip/command', '{"state":"ON","brightness":128}'],
    report: {
      state: 'succeeded',
      result: { color_mode: 'brightness', state: 'ON', brightness: 128, color: {} },
    },
  },
  'ESPHome: a lock, whose state is another word': {
    simulator: esphome,
    type: {
      ...presetOf('esphome'),
      commands: {
        'lock/door': {
          answer: {
            topic: '{+deviceId}/{commandType}/state',
            payload: 'text',
            success: { pattern: '^(UN)?LOCKED$' },
            failure: { equals: 'JAMMED' },
          },
        },
      },
    },
    commandType: 'lock/door',
    payload: { $value: 'LOCK' },
    receives: ['ID/lock/door/command', 'LOCK'],
    report: { state: 'succeeded', result: 'LOCKED' },
  },
  'ESPHome: a prefix with levels': {
    simulator: esphome,
    type: presetOf('esphome', 'switch/relay'),
    deviceId: `home/living_room/${randomUUID()}`,
    commandType: 'switch/relay',
    payload: { $value: 'ON' },
    receives: ['ID/switch/relay/command', 'ON'],
    report: { state: 'succeeded', result: 'ON' },
  },
  'ESPHome: a value that it does not take': {
    simulator: esphome,
    type: presetOf('esphome', 'switch/relay'),
    commandType: 'switch/relay',
    payload: { $value: 'MAYBE' },
    receives: ['ID/switch/relay/command', 'MAYBE'],
  },
};

describe.each([
  [5, 'TCP'],
  [4, 'TCP'],
  [5, 'WebSocket'],
  [4, 'WebSocket'],
] as const)('MQTT %i over %s', (protocolVersion, transport) => {
  test.each(Object.entries(cases))(
    '%s',
    async (_, {
      simulator,
      type,
      deviceId = `device-${randomUUID()}`,
      commandType,
      payload,
      receives,
      report,
    }) => {
      const received = await start(simulator, deviceId);
      const deviceTypes = { types: { kind: type }, typeOf: () => 'kind' };
      const url = transport === 'TCP' ? broker.url : String(broker.webSocketUrl);
      await using trial = await startTrial({ url, protocolVersion, deviceTypes });
      const requestId = randomUUID();
      const sent = await trial.deliver({ deviceId, requestId, commandType, payload });
      expect(sent).toEqual({ kind: 'delivered', evidence: 'gateway' });
      await expect.poll(() => received).toEqual([[receives[0].replace('ID', deviceId), receives[1]]]);
      if (report !== undefined) {
        await expect
          .poll(() => trial.reports)
          .toEqual([expect.objectContaining({ deviceId, requestId, ...report })]);
      } else {
        // A later delivery on the same connection shows that no report came before it.
        await trial.deliver({ deviceId: 'other', commandType, payload });
        expect(trial.reports).toEqual([]);
      }
    },
  );
});

describe('a command', () => {
  const deviceTypes = {
    types: { kind: simpleType },
    typeOf: (id: string) => (id.startsWith('plc') ? 'kind' : undefined),
  };

  test('of a device of no type goes the usual way', async () => {
    await using trial = await startTrial({ url: broker.url, deviceTypes });
    const client = await connectAsync(broker.url);
    onTestFinished(() => client.endAsync(true));
    const deviceId = `device-${randomUUID()}`;
    const received: string[] = [];
    client.on('message', (topic, bytes) => void received.push(`${topic} ${bytes}`));
    await client.subscribeAsync(`devices/${deviceId}/commands`, { qos: 1 });
    await trial.deliver({ deviceId, payload: { $value: 'ON' } });
    await expect.poll(() => received).toEqual([`devices/${deviceId}/commands "ON"`]);
  });

  test.each([
    ['blink', {}, 'devices of the type "kind" have no command "blink"'],
    [
      'switch',
      { a: 1 },
      'it cannot be formatted: invalid command: payload: must be text, a number or a boolean',
    ],
    ['switch', { $bytes: '01' }, 'it cannot be formatted: invalid command: payload: is bytes'],
  ])('%s of %j is rejected', async (commandType, payload, reason) => {
    await using trial = await startTrial({ url: broker.url, deviceTypes });
    const result = await trial.deliver({ deviceId: 'plc-1', commandType, payload });
    expect(result).toEqual({ kind: 'rejected', reason: expect.stringContaining(reason) });
  });

  test('answers that do not name it are matched in the order of the commands', async () => {
    const deviceId = `plc-${randomUUID()}`;
    await start(simple, deviceId);
    await using trial = await startTrial({ url: broker.url, deviceTypes });
    for (const [requestId, value] of [
      ['r1', 'ON'],
      ['r2', 'HALF'],
      ['r3', 'ON'],
    ] as const) {
      await trial.deliver({ deviceId, requestId, commandType: 'switch', payload: { $value: value } });
    }
    await expect
      .poll(() => trial.reports.map(({ requestId, state }) => [requestId, state]))
      .toEqual([
        ['r1', 'succeeded'],
        ['r2', 'failed'],
        ['r3', 'succeeded'],
      ]);
  });
});
