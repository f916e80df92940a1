import { withoutUndefined } from '@preservarium/command-line';
import {
  readDeviceDirectory,
  readDeviceTypeRules,
  runConnectorProcess,
} from '@preservarium/connector-process';
import { ConfigurationError } from '@preservarium/core';
import type { RequestDeviceType } from '@preservarium/deliverer';
import {
  certificatesFromFile,
  createHttpDeliverer,
  loginsFromFile,
  secretsFromFile,
} from '@preservarium/deliverer-http';
import { readTlsOptions } from '@preservarium/environment';
import { httpVariables, variableOf } from './http-variables.js';

await runConnectorProcess({
  name: 'http-connector',
  summary: 'Takes commands from Kafka to devices or their gateways by HTTP requests.',
  examples: [
    '--brokers kafka:9092 --http-device-directory "https://gateway.example/devices/{deviceId}"',
    '--http-device-directory devices.yaml --http-evidence device --http-signing-secret-file /run/secrets/signing',
  ],
  variables: httpVariables,
  variableOf,
  createDeliverer(values, { timeoutMs, logger, flags }) {
    const directory = readDeviceDirectory(values.HTTP_DEVICE_DIRECTORY, logger);
    const { HTTP_LISTEN_PORT: port, HTTP_LISTEN_HOST: host } = values;
    const { HTTP_SIGNING_SECRET: secret, HTTP_SIGNING_SECRETS: secretsFile } = values;
    if (secret !== undefined && secretsFile !== undefined) {
      throw new ConfigurationError(
        'HTTP_SIGNING_SECRET and HTTP_SIGNING_SECRETS are both set: name all secrets in the file',
      );
    }
    const { HTTP_LOGINS: loginsFile, HTTP_CERTIFICATES: certificatesFile } = values;
    const files = { types: values.HTTP_DEVICE_TYPES, devices: values.HTTP_DEVICES };
    const settings = withoutUndefined({
      loginOf: loginsFile === undefined ? undefined : loginsFromFile(loginsFile, { logger }),
      certificateOf:
        certificatesFile === undefined ? undefined : certificatesFromFile(certificatesFile, { logger }),
      secret: secretsFile === undefined ? secret : secretsFromFile(secretsFile, { logger }),
      tls: readTlsOptions('HTTP', process.env, { flags }),
      evidence: values.HTTP_EVIDENCE,
      deviceTypes: readDeviceTypeRules<RequestDeviceType>('http', files, logger),
      listen: port === undefined ? undefined : { port, host },
      connectionsPerOrigin: values.HTTP_CONNECTIONS_PER_HOST,
    });
    return createHttpDeliverer({ directory, ...settings, timeoutMs });
  },
});
