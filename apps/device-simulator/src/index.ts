export { type BehaviourOptions, createBehaviour } from './behaviour.js';
export { type CoapDevicesOptions, startCoapDevices } from './coap-devices.js';
export { type CoapPollingDevicesOptions, startCoapPollingDevices } from './coap-polling-devices.js';
export type { ArrivedCommand, DeviceAnswer, Devices, Execute, ServingDevices } from './device.js';
export { type HttpDevicesOptions, startHttpDevices } from './http-devices.js';
export { type MqttDevicesOptions, startMqttDevices } from './mqtt-devices.js';
export { refusingOlder } from './refusing-older.js';
