import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import type { CommandInput } from '@preservarium/core';
import type { KafkaCluster } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { type BenchmarkResult, emptyResult, type Target, type Unit } from '../benchmark.js';
import { spreadOf } from '../spread.js';

const note = 'x'.repeat(58);

/** Pushes commands to devices in turn. */
export async function push(
  { brokers }: KafkaCluster,
  topic: string,
  count: number,
  devices: number,
  prefix = 'device',
): Promise<void> {
  await using service = createPusherService({
    backend: createRdkafkaBackend({ brokers }),
    commandTopic: topic,
  });
  for await (const outcome of service.pushCommands(inputs(count, devices, prefix))) {
    if (!outcome.ok) throw outcome.error;
  }
}

function* inputs(count: number, devices: number, prefix: string): Generator<CommandInput> {
  for (let number = 0; number < count; number++) {
    const payload = { sequence: Math.floor(number / devices), state: 'on', note };
    const deviceId = `${prefix}-${number % devices}`;
    yield { deviceId, commandType: 'set_led', protocol: 'mqtt', payload };
  }
}

export interface Measured {
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
  readonly target?: Target;
}

export function describe({ name, unit, value }: Measured): string {
  return `sleeping, ${name}: ${value.toFixed(value < 10 ? 2 : 0)} ${unit}`;
}

export function resultOf(measured: readonly Measured[], outOfOrder: number): BenchmarkResult {
  return {
    ...emptyResult,
    figures: measured.map(({ name, unit, value }) => ({ name, unit, spread: spreadOf([value]) })),
    verdicts: measured.flatMap(({ name, unit, value, target }) =>
      target === undefined ? [] : [{ name: `${name}, ${unit}`, spread: spreadOf([value]), target }],
    ),
    measurements: measured,
    failures: outOfOrder === 0 ? [] : [`sleeping: ${outOfOrder} commands out of order`],
  };
}

export function openStateDir() {
  const directory = mkdtempSync(join(tmpdir(), 'sleeping-'));
  return {
    directory,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
