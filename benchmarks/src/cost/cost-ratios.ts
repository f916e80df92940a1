import { readFile, writeFile } from 'node:fs/promises';
import type { WorkloadName } from './workloads/workloads.js';

/** The cost of each workload, as a multiple of the calibration. */
export type CostRatios = Partial<Readonly<Record<WorkloadName, number>>>;

/** By the major version of Node.js: each compiles in its own way. */
type RatiosByNode = Readonly<Record<string, CostRatios>>;

const file = new URL('../cost-ratios.json', import.meta.url);
const [major = ''] = process.versions.node.split('.');

/** The recorded ratios of this version of Node.js; none if it has none. */
export async function readCostRatios(): Promise<CostRatios> {
  return (await readAll())[major] ?? {};
}

/** Records these ratios; those of other workloads and versions of Node.js stay. */
export async function writeCostRatios(ratios: CostRatios): Promise<void> {
  const all = await readAll();
  const next = { ...all, [major]: { ...all[major], ...ratios } };
  await writeFile(file, `${JSON.stringify(next, null, 2)}\n`);
}

async function readAll(): Promise<RatiosByNode> {
  return JSON.parse(await readFile(file, 'utf8')) as RatiosByNode;
}
