export { type BehaviourSettings, createBehaviour } from './behaviour.js';
export { type CoapDevicesSettings, startCoapDevices } from './coap-devices.js';
export { type CoapPollingDevicesSettings, startCoapPollingDevices } from './coap-polling-devices.js';
export type { ArrivedCommand, DeviceAnswer, Devices, Execute, ServingDevices } from './device.js';
export { type HttpDevicesSettings, startHttpDevices } from './http-devices.js';
export { type MqttDevicesSettings, startMqttDevices } from './mqtt-devices.js';
