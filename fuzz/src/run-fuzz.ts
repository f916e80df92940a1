import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FuzzOptions } from './arguments.js';
import type { Entrance } from './entrance.js';
import { coapEntrances } from './entrances/coap.js';
import { fileEntrances } from './entrances/files.js';
import { gatewayEntrances } from './entrances/gateway.js';
import { httpEntrances } from './entrances/http.js';
import { kafkaEntrances } from './entrances/kafka.js';
import { mqttEntrances } from './entrances/mqtt.js';
import { measure, untilQuiet } from './measure.js';
import { meetNeighbours } from './neighbours.js';
import { type Program, startProgram } from './program.js';
import { type Row, renderRow, renderTable, sumRows } from './render-table.js';
import { createScene } from './scene.js';
import { createTurns } from './turns.js';

/** Inputs before those that are measured, a tenth of them within these bounds: a program compiles its code at first. */
const warmUpInputs = { least: 100, most: 1_000 };
/** Each round has a seed of its own. */
const maxInputsOfRound = 150_000;
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
  const known = [
    ...kafkaEntrances(scene),
    ...mqtt.entrances,
    ...httpEntrances(scene),
    ...coapEntrances(scene),
    ...gatewayEntrances(scene),
    ...fileEntrances(reader, folder),
  ];
  const entrances = known.filter(({ name }) => names.includes(name));
  const shares = entrances.reduce((sum, { share }) => sum + share, 0);

  const { watch, store, consume } = scene.readers;
  /** Programs that have to do with a neighbour's command. */
  const onTheWay = [...Object.values(scene.connectors), watch, store, consume];
  const rounds = Math.ceil(inputs / maxInputsOfRound);
  const problems: string[] = [];
  const rows: Row[] = [];
  const before = await neighbours.tryAll();
  problems.push(...before.missing.map((each) => `before all: ${each} has no command`));
  async function run({ name, share, programs: behind, feed, ends }: Entrance, round: number): Promise<void> {
    if (programs.some((program) => program.hasEnded())) return;
    const count = Math.ceil((inputs * share) / shares / rounds);
    const meter = await measure(behind);
    const startedMs = performance.now();
    const ended = behind.map((program) => program.ended);
    await Promise.race([feed(count, seed + round), ...ended]);
    const { missing, requestIds } = behind.some((program) => onTheWay.includes(program))
      ? await neighbours.tryAll()
      : { missing: [], requestIds: [] };
    problems.push(...missing.map((each) => `after ${name}: ${each} has no command`));
    problems.push(...((await ends?.({ requestIds, meter })) ?? []));
    const seconds = (performance.now() - startedMs) / 1_000;
    const exits = behind.filter((program) => program.hasEnded()).length;
    const row = { name, inputs: count, seconds, exits, ...(await meter.end()) };
    rows.push(row);
    say(`${renderRow(row)} ${rows.reduce((sum, { inputs }) => sum + inputs, 0)} in all`);
  }

  const inTurn = createTurns();
  await Promise.all(
    entrances.map(({ programs, feed, share }) => {
      const tenth = Math.ceil((inputs * share) / shares / 10);
      const count = Math.max(warmUpInputs.least, Math.min(warmUpInputs.most, tenth));
      return inTurn(programs, () => feed(count, seed + rounds));
    }),
  );
  await untilQuiet(programs);
  const all = Array.from({ length: rounds }, (_, round) =>
    entrances.map((entrance) => inTurn([entrance, ...entrance.programs], () => run(entrance, round))),
  );
  await Promise.all(all.flat());

  const gone = programs.filter((program) => program.hasEnded());
  problems.push(...gone.map((program) => `${program.name} has ended`));
  problems.push(
    ...programs.flatMap(({ name, mistakes }) => mistakes.slice(0, 3).map((line) => `${name}: ${line}`)),
  );
  problems.push(...(await endAll(programs)));
  process.stdout.write(renderTable(sumRows(rows), seed));
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
