import { randomUUID } from 'node:crypto';
import { headerText, type KafkaOptions } from '@preservarium/backend';
import { type AuditedRecord, auditPushes, type PushAudit } from '@preservarium/conformance';
import {
  createTestTopic,
  type Mosquitto,
  readTopic,
  subscribeWithMosquitto,
} from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { expect } from 'vitest';
import { backends } from './backends.js';
import {
  type ConnectorProcess,
  type ConnectorProgramOptions,
  startConnectorProcess,
} from './connector-process.js';

const devices = 200;
const timeoutMs = 120_000;

export interface DeliverySceneOptions {
  readonly backend: keyof typeof backends;
  readonly kafka: KafkaOptions;
  readonly mosquitto: Mosquitto;
  readonly retry?: ConnectorProgramOptions['connector']['retry'];
  /** True: the devices are online from the beginning. Default `true`. */
  readonly subscribed?: boolean;
}

export interface DeliveryScene extends AsyncDisposable {
  startConnector(): Promise<ConnectorProcess>;
  /** Pushes commands to 200 devices in turn, and resolves when Kafka has them. */
  push(count: number): Promise<void>;
  /** All devices subscribe. */
  subscribe(): Promise<void>;
  /** Waits until the devices have received so many different commands. */
  untilReceived(count: number): Promise<void>;
  /** Waits until so many commands wait for their devices. */
  untilWaiting(count: number): Promise<void>;
  /** Waits until every command has been received, and compares what was pushed with what came. */
  audit(): Promise<PushAudit>;
}

/** Topics of its own, connectors as processes, and all devices as one `mosquitto_sub`, which keeps the order of what comes. */
export async function createDeliveryScene(settings: DeliverySceneOptions): Promise<DeliveryScene> {
  const { backend, kafka, mosquitto } = settings;
  const commands = await createTestTopic(kafka, { partitions: 6 });
  const prefix = `test/${randomUUID()}`;
  const service = createPusherService({ backend: backends[backend](kafka), commandTopic: commands });
  const received: AuditedRecord[] = [];
  const different = new Set<string>();
  const closing: (() => Promise<unknown>)[] = [() => service.close()];
  let pushed = 0;

  async function startConnector(): Promise<ConnectorProcess> {
    const connector = await startConnectorProcess({
      backend,
      brokers: kafka.brokers,
      mqtt: { url: mosquitto.url, topicTemplate: `${prefix}/{deviceId}/commands` },
      connector: {
        groupId: `${commands}-connector`,
        from: 'beginning',
        topics: {
          commands,
          waiting: `${commands}-waiting`,
          deadLetters: `${commands}-dead`,
          events: `${commands}-events`,
        },
        ...(settings.retry && { retry: settings.retry }),
      },
    });
    closing.unshift(() => connector.kill());
    return connector;
  }

  async function push(count: number): Promise<void> {
    const first = pushed;
    pushed += count;
    const inputs = Array.from({ length: count }, (_, index) => ({
      deviceId: `device-${(first + index) % devices}`,
      commandType: 'set_led',
      protocol: 'mqtt' as const,
      payload: { sequence: first + index },
    }));
    for await (const outcome of service.pushCommands(inputs)) if (!outcome.ok) throw outcome.error;
  }

  async function subscribe(): Promise<void> {
    const subscriber = await subscribeWithMosquitto(mosquitto, {
      topic: `${prefix}/+/commands`,
      clientId: `devices-${randomUUID()}`,
      persistent: true,
    });
    closing.unshift(() => subscriber.close());
    void (async () => {
      for await (const { topic, payload } of subscriber.received) {
        const { sequence } = JSON.parse(payload.toString()) as { sequence: number };
        received.push({ deviceId: topic.split('/')[2] ?? '', sequence });
        different.add(String(sequence));
      }
    })();
  }

  async function untilReceived(count: number): Promise<void> {
    await expect.poll(() => different.size, { timeout: timeoutMs }).toBeGreaterThanOrEqual(count);
  }

  async function untilWaiting(count: number): Promise<void> {
    const waiting = async () => {
      const records = await readTopic(kafka, `${commands}-waiting`);
      return records.filter(({ headers }) => headerText(headers, 'record-type') === 'deferred').length;
    };
    await expect.poll(waiting, { timeout: timeoutMs, interval: 500 }).toBeGreaterThanOrEqual(count);
  }

  async function audit(): Promise<PushAudit> {
    // A wait for all of them would not report the number that is missing.
    await untilReceived(pushed).catch(() => {});
    const pushes = Array.from({ length: pushed }, (_, sequence) => ({
      deviceId: `device-${sequence % devices}`,
      sequence,
      acknowledged: true,
    }));
    const result = auditPushes(pushes, received);
    const { acknowledged, missing, repeated, outOfOrder } = result;
    console.info(
      `${backend}: pushed ${acknowledged}, delivered ${acknowledged - missing}, repeated ${repeated}, lost ${missing}, out of order ${outOfOrder}`,
    );
    return result;
  }

  if (settings.subscribed ?? true) await subscribe();
  return {
    startConnector,
    push,
    subscribe,
    untilReceived,
    untilWaiting,
    audit,
    async [Symbol.asyncDispose]() {
      for (const close of closing) await close();
    },
  };
}
