import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FuzzOptions } from './arguments.js';
import { coapEntrances } from './entrances/coap.js';
import { fileEntrances } from './entrances/files.js';
import { gatewayEntrances } from './entrances/gateway.js';
import { httpEntrances } from './entrances/http.js';
import { kafkaEntrances } from './entrances/kafka.js';
import { mqttEntrances } from './entrances/mqtt.js';
import { measure, untilQuiet } from './measure.js';
import { meetNeighbours } from './neighbours.js';
import { type Program, startProgram } from './program.js';
import { type Row, renderRow, renderTable } from './render-table.js';
import { createScene } from './scene.js';

/** Inputs before those that are measured: a program compiles its code at first. */
const warmUpInputs = 100;
const readerProgram = new URL('./reader-program.js', import.meta.url);

/** Gives all inputs, prints what was measured, and resolves to whether every program goes on and every neighbour has its command. */
export async function runFuzz({ inputs, seed, entrances: names, keep }: FuzzOptions): Promise<boolean> {
  const folder = keep ?? (await mkdtemp(join(tmpdir(), 'preservarium-fuzz-')));
  await mkdir(folder, { recursive: true });
  say(`starting Kafka, mosquitto and the programs; logs are in ${folder}`);
  await using scene = await createScene(folder);
  await using neighbours = await meetNeighbours(scene);
  const reader = startProgram({ name: 'reader', file: readerProgram, logFile: join(folder, 'reader.log') });
  const programs: readonly Program[] = [
    ...Object.values(scene.connectors),
    ...Object.values(scene.readers),
    scene.gateway,
    reader,
  ];
  await using mqtt = await mqttEntrances(scene);
  const all = [
    ...kafkaEntrances(scene),
    ...mqtt.entrances,
    ...httpEntrances(scene),
    ...coapEntrances(scene),
    ...gatewayEntrances(scene),
    ...fileEntrances(reader, folder),
  ];
  const entrances = all.filter(({ name }) => names.includes(name));
  const shares = entrances.reduce((sum, { share }) => sum + share, 0);

  const problems: string[] = [];
  const rows: Row[] = [];
  problems.push(...(await neighbours.tryAll()).map((each) => `before all: ${each} has no command`));
  for (const { name, share, programs: behind, feed, ends } of entrances) {
    const count = Math.ceil((inputs * share) / shares);
    await feed(warmUpInputs, seed + 1);
    await untilQuiet(behind);
    const measured = await measure(behind);
    const startedMs = performance.now();
    const ended = behind.map((program) => program.ended.then(() => program.name));
    await Promise.race([feed(count, seed), ...ended]);
    problems.push(...((await ends?.()) ?? []));
    const isOfConnector = Object.values(scene.connectors).some((connector) => behind.includes(connector));
    const missing = isOfConnector ? await neighbours.tryAll() : [];
    problems.push(...missing.map((each) => `after ${name}: ${each} has no command`));
    const seconds = (performance.now() - startedMs) / 1_000;
    const row = { name, inputs: count, seconds, ...(await measured()) };
    rows.push(row);
    say(renderRow(row));
    const gone = programs.filter((program) => program.hasEnded());
    if (gone.length > 0) {
      problems.push(...gone.map((program) => `after ${name}: ${program.name} has ended`));
      break;
    }
  }

  problems.push(
    ...programs.flatMap(({ name, mistakes }) => mistakes.slice(0, 3).map((line) => `${name}: ${line}`)),
  );
  problems.push(...(await endAll(programs)));
  process.stdout.write(renderTable(rows, seed));
  for (const problem of problems) process.stdout.write(`FAILED: ${problem}\n`);
  return problems.length === 0;
}

/** Asks all programs to end. Returns those that did not end in order. */
async function endAll(programs: readonly Program[]): Promise<string[]> {
  const running = programs.filter((program) => !program.hasEnded());
  for (const { child } of running) child.kill('SIGTERM');
  const codes = await Promise.all(running.map(async ({ name, ended }) => [name, await ended] as const));
  // A reader that is interrupted says so: 128 + 15.
  return codes
    .filter(([, code]) => code !== 0 && code !== 143)
    .map(([name, code]) => `${name} ended with ${code}`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
