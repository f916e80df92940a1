import type { Backend } from '@preservarium/backend';
import { runConnector } from '@preservarium/connector';
import { type FormatCommand, isSettingsCommand } from '@preservarium/deliverer';
import { createCoapDeliverer } from '@preservarium/deliverer-coap';
import { createHttpDeliverer } from '@preservarium/deliverer-http';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import type { DemoDevices } from './devices.js';
import { closeTogether, openTogether } from './open-together.js';
import { openSettings } from './settings-case.js';
import { topics } from './topics.js';

export interface ConnectorsOptions {
  /** Creates a backend for each connector. */
  readonly createBackend: () => Backend;
  /** New in each run, so that connectors do not deliver commands of an earlier run. */
  readonly runId: string;
  readonly brokerUrl: string;
  /** UDP port of the CoAP connector, for polling devices. */
  readonly coapPort: number;
  readonly devices: Pick<DemoDevices, 'coapDirectory' | 'httpDirectory'>;
}

/** Few attempts with short backoff, so that commands of an unreachable device soon wait. */
const retry = { maxAttempts: 2, baseDelayMs: 200, maxDelayMs: 1_000 };

/** Puts the request id into the payload, because MQTT 3.1.1 has no properties. Settings commands have no answer. */
const withRequestId: FormatCommand = (command) => {
  if (isSettingsCommand(command)) return undefined;
  const { requestId, commandType, payload } = command;
  const body = { request_id: requestId, command_type: commandType, payload };
  return { bytes: Buffer.from(JSON.stringify(body)), contentType: 'application/json' };
};

/** Returns the group of a connector. Each run has groups of its own: the commands of an earlier run are not theirs. */
export function groupOf(protocol: string, runId: string): string {
  return `demo_${protocol}_${runId}`;
}

/** Starts a connector for each protocol. Resolves when all are ready. */
export async function startConnectors(settings: ConnectorsOptions): Promise<AsyncDisposable> {
  const { createBackend, runId, brokerUrl, coapPort, devices } = settings;
  const deliverers = [
    createMqttDeliverer({ url: brokerUrl, protocolVersion: 4, formatCommand: withRequestId }),
    createCoapDeliverer({
      directory: devices.coapDirectory,
      listen: { host: '127.0.0.1', port: coapPort },
    }),
    createHttpDeliverer({ directory: devices.httpDirectory, evidence: 'device' }),
  ];
  const connectors = await openTogether(
    deliverers.map(async (deliverer) => {
      const backend = createBackend();
      const connector = await runConnector({
        backend,
        deliverer,
        settings: await openSettings(backend),
        groupId: groupOf(deliverer.protocol, runId),
        from: 'end',
        topics,
        retry,
      });
      return { [Symbol.asyncDispose]: () => connector.close({ timeoutMs: 10_000 }) };
    }),
  );
  return { [Symbol.asyncDispose]: () => closeTogether(connectors) };
}
