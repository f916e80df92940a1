export { mqttVariableOf, mqttVariables } from './mqtt-variables.js';
export { readMqttOptions } from './read-mqtt-options.js';
