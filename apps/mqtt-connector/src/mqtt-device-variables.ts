import { deviceTypeVariables } from '@preservarium/connector-process';

/** The variables of devices with topics and payloads of their own. `docs/configuration.md` has the same list. */
export const mqttDeviceVariables = deviceTypeVariables('MQTT', 'topics');
