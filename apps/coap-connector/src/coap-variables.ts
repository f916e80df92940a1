import { deviceTypeVariables } from '@preservarium/connector-process';
import { type Variables, wholeNumber } from '@preservarium/environment';
import { z } from 'zod';

/** The variables of the CoAP side. `docs/configuration.md` has the same list. */
export const coapVariables = {
  COAP_DEVICE_DIRECTORY: {
    rule: z.string().optional(),
    meaning:
      'Addresses of devices with a CoAP server: a template with `{deviceId}`, or a YAML or JSON file of device id → address.',
    example: '/run/secrets/coap-device-directory',
    valueExample: 'coap://{deviceId}.devices.example',
    otherwise: 'all devices poll',
    file: true,
  },
  COAP_LISTEN_PORT: {
    rule: wholeNumber(1, 65_535).optional(),
    meaning: 'UDP port where the other devices poll for commands.',
    example: '5683',
    otherwise: 'no device polls',
  },
  COAP_LISTEN_HOST: {
    rule: z.string().default('0.0.0.0'),
    meaning: 'Address of that port; `::` takes IPv6 and IPv4.',
    example: '::',
    otherwise: '`0.0.0.0`',
  },
  COAP_DEVICE_TOKENS: {
    rule: z.string().optional(),
    meaning:
      'YAML or JSON file of device id → token, or list of tokens: a device that polls must send one (`?token=…`); an id with a last `*` is a prefix.',
    example: '/run/secrets/coap-device-tokens.yaml',
    otherwise: 'devices that poll are not authenticated',
  },
  ...deviceTypeVariables('COAP', 'paths'),
} as const satisfies Variables;

/** Which of them says what the deliverer's settings call so. */
export const variableOf = {
  directory: 'COAP_DEVICE_DIRECTORY',
  listen: 'COAP_LISTEN_PORT',
  deviceTypes: 'COAP_DEVICE_TYPES',
} as const;
