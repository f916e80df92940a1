import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@preservarium/backend';
import { type Connector, runConnector } from '@preservarium/connector';
import { type CommandState, decodeCommand, decodeLifecycleEvent } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
import { createTestTopic, readTopic } from '@preservarium/dev-services';
import type { ArrivedCommand, Devices, Execute } from '@preservarium/device-simulator';
import { createSettings, type Settings } from '@preservarium/settings';
import type { CreateBackend } from './backends.js';
import { sharedKafka } from './shared-kafka.js';

export interface SettingsSceneOptions {
  readonly createBackend: CreateBackend;
  createDeliverer(logger: Logger): Deliverer;
  createDevices(deviceIds: readonly string[], execute: Execute): Promise<Devices>;
}

/** An application that changes settings, connectors that bring them, and devices that keep and report them. */
export interface SettingsScene extends AsyncDisposable {
  readonly settings: Settings;
  readonly devices: Devices;
  /** The settings that the device was sent, in order. */
  arrived(deviceId: string): unknown[];
  /** The warnings of the connectors. */
  readonly warnings: unknown[];
  /** @param groupId another one has read nothing yet */
  startConnector(groupId?: string): Promise<Connector>;
  /** How many of the commands with these settings have been in the state. */
  count(patch: object, state: CommandState): Promise<number>;
}

const timeoutMs = 60_000;

/** Topics of its own, in the Kafka that tests share. */
export async function createSettingsScene(
  deviceIds: readonly string[],
  { createBackend, createDeliverer, createDevices }: SettingsSceneOptions,
): Promise<SettingsScene> {
  const kafka = sharedKafka();
  const commands = await createTestTopic(kafka, { partitions: 4 });
  const topics = { settingsTopic: `${commands}-settings`, reportedTopic: `${commands}-reported` };
  const arrived: ArrivedCommand[] = [];
  const warnings: unknown[] = [];
  const ignore = () => {};
  const warn = (fields: object, message: string) => warnings.push({ ...fields, message });
  const logger = { debug: ignore, info: ignore, warn, error: warn };
  const backend = createBackend(kafka);
  const settings = await createSettings({ backend, commandTopic: commands, timeoutMs, ...topics });
  const devices = await createDevices(deviceIds, async (command) => {
    arrived.push(command);
    return { status: 'succeeded' };
  });
  const connectors: Connector[] = [];

  async function startConnector(groupId = commands): Promise<Connector> {
    const own = createBackend(kafka);
    const connector = await runConnector({
      backend: own,
      settings: await createSettings({ backend: own, commandTopic: commands, timeoutMs, ...topics }),
      deliverer: createDeliverer(logger),
      groupId,
      // Another group must not deliver again what the first one has.
      from: 'end',
      topics: {
        commands,
        waiting: `${commands}-waiting`,
        deadLetters: `${commands}-dead`,
        events: `${commands}-events`,
      },
      retry: { maxAttempts: 1, baseDelayMs: 10, maxDelayMs: 500 },
      logger,
    });
    connectors.push(connector);
    return connector;
  }

  return {
    settings,
    devices,
    warnings,
    startConnector,
    arrived: (deviceId) =>
      arrived.filter((command) => command.deviceId === deviceId).map(({ payload }) => payload),
    async count(patch, state) {
      const made = await readTopic(kafka, commands);
      const requestIds = made.flatMap(({ value }) => {
        const decoded = decodeCommand(value);
        return decoded.ok && isDeepStrictEqual(decoded.command.payload, patch)
          ? [decoded.command.requestId]
          : [];
      });
      const events = await readTopic(kafka, `${commands}-events`);
      const inState = events.flatMap(({ value }) => {
        const decoded = decodeLifecycleEvent(value);
        return decoded.ok && decoded.event.state === state ? [decoded.event.requestId] : [];
      });
      return new Set(requestIds.filter((requestId) => inState.includes(requestId))).size;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(connectors.map((connector) => connector.close({ timeoutMs: 10_000 })));
      await devices.close();
      await settings.close();
      await backend.close({ timeoutMs: 10_000 });
    },
  };
}
