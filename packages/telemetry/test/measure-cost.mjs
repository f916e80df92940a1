// Measures the cost of telemetry without an SDK, with metrics, and with traces: pushes and deliveries in memory, where nothing
// else takes time, as ratios to the same without telemetry.
import { metrics, propagation, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import { runConnector } from '@preservarium/connector';
import { createPusherService } from '@preservarium/publisher';
import { traceBackend, traceConnector } from '../dist/index.js';

const commandCount = 10_000;
const rounds = 11;

const plain = { ofBackend: (backend) => backend, ofConnector: (settings) => settings };
const traced = { ofBackend: traceBackend, ofConnector: traceConnector };

const inputs = Array.from({ length: commandCount }, (_, index) => ({
  deviceId: `device-${index % 500}`,
  commandType: 'set_led',
  protocol: 'mqtt',
  payload: { state: 'on' },
}));

/** Of this process, in milliseconds: what else the machine does is not in it. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** CPU milliseconds for pushing all commands, and for delivering them. */
async function measure({ ofBackend, ofConnector }) {
  const broker = createMemoryBroker({ autoCreateTopics: false });
  broker.createTopic({ topic: 'device_commands', partitions: 6 });
  const service = createPusherService({ backend: ofBackend(createMemoryBackend({ broker })) });
  const pushStartedMs = cpuMs();
  await Promise.all(inputs.map((input) => service.pushCommand(input)));
  const pushMs = cpuMs() - pushStartedMs;

  const all = Promise.withResolvers();
  let delivered = 0;
  const deliverer = {
    protocol: 'mqtt',
    async start() {},
    async deliver() {
      if (++delivered === commandCount) all.resolve();
      return { kind: 'delivered', evidence: 'gateway' };
    },
    isReady: () => true,
    async close() {},
  };
  const deliverStartedMs = cpuMs();
  const backend = createMemoryBackend({ broker });
  const connector = await runConnector(ofConnector({ backend, deliverer, from: 'beginning' }));
  await all.promise;
  const deliverMs = cpuMs() - deliverStartedMs;
  await connector.close();
  await service.close();
  return { push: pushMs, deliver: deliverMs };
}

/** By turns, so that what else the machine does falls on both. */
async function compare(name) {
  const ratios = { push: [], deliver: [] };
  for (let round = 0; round < rounds; round++) {
    const without = await measure(plain);
    const withTelemetry = await measure(traced);
    for (const step of Object.keys(ratios)) ratios[step].push(withTelemetry[step] / without[step]);
  }
  for (const [step, values] of Object.entries(ratios)) {
    const sorted = values.toSorted((a, b) => a - b);
    const [least, median, most] = [0, 0.5, 1].map((part) =>
      sorted[Math.round(part * (rounds - 1))].toFixed(2),
    );
    console.log(`${name}: ${step} takes ${median} times as long (${least} to ${most} in ${rounds} rounds)`);
  }
}

await measure(plain);
await measure(traced);
await compare('without an SDK');

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
await measure(traced);
await compare('with metrics alone, as in the connectors');

propagation.setGlobalPropagator(new W3CTraceContextPropagator());
trace.setGlobalTracerProvider(new TracerProvider());
await measure(traced);
await compare('with every trace as well');
process.exit();
