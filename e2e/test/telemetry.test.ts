import { trace } from '@opentelemetry/api';
import { runConnector } from '@preservarium/connector';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import {
  createTestTopic,
  type Mosquitto,
  publishWithMosquitto,
  startMosquitto,
  subscribeWithMosquitto,
} from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { traceBackend, traceConnector } from '@preservarium/telemetry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backends } from '../src/backends.js';
import { recordSpans } from '../src/recorded-spans.js';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();
const spans = recordSpans();
const timeout = 60_000;

let broker: Mosquitto;
beforeAll(async () => {
  broker = await startMosquitto();
});
afterAll(() => broker.stop());

for (const [name, createBackend] of Object.entries(backends)) {
  test(`${name}: one trace goes from the push of the application to the answer of the device`, async () => {
    const commands = await createTestTopic(kafka, { partitions: 1 });
    const deviceId = `lamp-${name}`;
    const topic = `devices/${deviceId}/commands`;
    await using device = await subscribeWithMosquitto(broker, { topic });
    await using service = createPusherService({
      backend: traceBackend(createBackend(kafka)),
      commandTopic: commands,
    });
    await using _connector = await runConnector(
      traceConnector({
        backend: createBackend(kafka),
        deliverer: createMqttDeliverer({ url: broker.url }),
        groupId: `${commands}-connector`,
        from: 'beginning',
        topics: {
          commands,
          waiting: `${commands}-waiting`,
          deadLetters: `${commands}-dead`,
          events: `${commands}-events`,
        },
      }),
    );

    const { request, requestId } = await trace
      .getTracer('application')
      .startActiveSpan('request', async (request) => {
        const receipt = await service.pushCommand({ deviceId, commandType: 'set_led', protocol: 'mqtt' });
        request.end();
        return { request, requestId: receipt.requestId };
      });
    const { value } = await device.received[Symbol.asyncIterator]().next();
    // The device knows of the trace only what has come with the command.
    const traceparent = /traceparent:(\S+)/.exec(value?.userProperties ?? '')?.[1] ?? '';
    const payload = JSON.stringify({ status: 'succeeded' });
    const answer = { topic: value?.responseTopic ?? '', payload, userProperties: { traceparent } };
    await publishWithMosquitto(broker, answer);

    const { traceId } = request.spanContext();
    const ofTrace = () => spans().filter((span) => span.spanContext().traceId === traceId);
    await expect.poll(() => ofTrace().map((span) => span.name), { timeout }).toContain('answer mqtt');
    const nameOf = new Map(ofTrace().map((span) => [span.spanContext().spanId, span.name]));
    const steps = ofTrace().map((span) => {
      return `${nameOf.get(span.parentSpanContext?.spanId ?? '') ?? 'nothing'} → ${span.name}`;
    });
    expect(steps.toSorted()).toEqual(
      [
        'nothing → request',
        `request → send ${commands}`,
        `send ${commands} → process ${commands}`,
        `send ${commands} → deliver mqtt`,
        'deliver mqtt → answer mqtt',
      ].toSorted(),
    );
    const answered = ofTrace().find((span) => span.name === 'answer mqtt');
    expect(answered?.attributes).toMatchObject({
      'pusher.request.id': requestId,
      'pusher.command.state': 'succeeded',
    });
  });
}
