import { withoutUndefined } from '@preservarium/command-line';
import {
  readDeviceDirectory,
  readDeviceTypeRules,
  runConnectorProcess,
} from '@preservarium/connector-process';
import { ConfigurationError } from '@preservarium/core';
import type { RequestDeviceType } from '@preservarium/deliverer';
import { createCoapDeliverer, tokensFromFile } from '@preservarium/deliverer-coap';
import { coapVariables, variableOf } from './coap-variables.js';

await runConnectorProcess({
  name: 'coap-connector',
  summary:
    'Takes commands from Kafka to devices over CoAP: pushes to those that have a server, answers those that poll.',
  examples: [
    '--brokers kafka:9092 --coap-listen-port 5683',
    '--coap-device-directory "coap://{deviceId}.devices.example"',
    '--coap-device-directory devices.yaml --coap-listen-port 5683 --backend rdkafka',
  ],
  variables: coapVariables,
  variableOf,
  createDeliverer(values, { timeoutMs, logger }) {
    const { COAP_DEVICE_DIRECTORY: where, COAP_LISTEN_PORT: port, COAP_LISTEN_HOST: host } = values;
    if (where === undefined && port === undefined) {
      throw new ConfigurationError(
        'COAP_DEVICE_DIRECTORY and COAP_LISTEN_PORT are not set, and one of them must be; for example COAP_LISTEN_PORT=5683',
      );
    }
    const { COAP_DEVICE_TOKENS: tokensFile } = values;
    if (tokensFile !== undefined && port === undefined) {
      throw new ConfigurationError(
        'COAP_DEVICE_TOKENS is for devices that poll, and COAP_LISTEN_PORT is not set; for example COAP_LISTEN_PORT=5683',
      );
    }
    const tokens = tokensFile === undefined ? undefined : tokensFromFile(tokensFile, { logger });
    const files = { types: values.COAP_DEVICE_TYPES, devices: values.COAP_DEVICES };
    const settings = withoutUndefined({
      deviceTypes: readDeviceTypeRules<RequestDeviceType>('coap', files, logger),
      directory: where === undefined ? undefined : readDeviceDirectory(where, logger),
      listen: port === undefined ? undefined : withoutUndefined({ port, host, tokens }),
    });
    return createCoapDeliverer({ ...settings, timeoutMs });
  },
});
