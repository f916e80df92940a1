import { type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { type CaseOptions, endings, type LateExecutions, measureCase } from './measure-case.js';
import { type BrokerName, startBroker } from './start-broker.js';

const devices = 50;
const quickDevices = 3;

type Measurement = Case & { readonly late: LateExecutions };

interface Case extends Omit<CaseOptions, 'url' | 'devices'> {
  readonly broker: BrokerName;
}

/** Those of one broker are measured together. */
const groups: readonly (readonly Case[])[] = (
  [
    ['mosquitto', 4],
    ['mosquitto', 5],
    ['aedes', 4],
  ] as const
).map(([broker, protocolVersion]) =>
  [false, true].flatMap((isPersistent) =>
    [false, true].map((retain) => ({ broker, protocolVersion, isPersistent, retain })),
  ),
);

/** Commands that have ended and are executed nevertheless, by what the broker keeps. Needs no Kafka. */
export async function countLateExecutions({
  quick,
  say,
}: Pick<BenchmarkOptions, 'quick' | 'say'>): Promise<BenchmarkResult> {
  const measurements: Measurement[] = [];
  for (const cases of groups) {
    say(`late-execution: ${measurements.length} of ${groups.flat().length} cases are measured`);
    measurements.push(
      ...(await Promise.all(
        cases.map(async (each) => {
          await using broker = await startBroker(each.broker);
          const count = quick ? quickDevices : devices;
          return { ...each, late: await measureCase({ ...each, url: broker.url, devices: count }) };
        }),
      )),
    );
  }
  const header = ['broker', 'MQTT', 'session', 'retained', ...endings, 'expired, where the device looks'];
  const lines = [rowOfCells(header), `|---|---|---|---|${'--:|'.repeat(endings.length + 1)}`];
  return {
    ...emptyResult,
    notes: [`${quick ? quickDevices : devices} commands for each count; each device has one command`],
    measurements,
    table: [...lines, ...measurements.map(rowOf)].join('\n'),
  };
}

function rowOf({ broker, protocolVersion, isPersistent, retain, late }: Measurement) {
  return rowOfCells([
    broker,
    versionOf({ protocolVersion }),
    isPersistent ? 'persistent' : 'clean',
    retain ? 'yes' : 'no',
    ...endings.map((ending) => String(late[ending].executed)),
    String(late.expired.executed - late.expired.withExpiry),
  ]);
}

function versionOf({ protocolVersion }: Pick<Case, 'protocolVersion'>): string {
  return protocolVersion === 4 ? '3.1.1' : '5';
}

function rowOfCells(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
