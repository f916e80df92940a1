import { exitCodes } from '@preservarium/command-line';
import { type Command, Option } from 'commander';
import { addCommonOptions, type CommonOptions, readOptions } from '../common-options.js';
import { checks } from '../doctor/checks.js';
import type { Finding } from '../doctor/finding.js';
import { readDeployment } from '../doctor/read-deployment.js';
import { parseDuration } from '../duration.js';
import { writeJson, writeLines } from '../output.js';

interface DoctorOptions extends CommonOptions {
  /** In milliseconds. */
  readonly maxWait: number;
  /** In milliseconds. */
  readonly maxDowntime: number;
  readonly json?: true;
}

const dayMs = 24 * 3_600_000;
const words = { fail: 'FAIL', warn: 'warn' } as const;

export function addDoctorCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('doctor')
    .description(
      'Check a deployment from outside: what is wrong, why it matters, and what to run. Changes nothing.',
    )
    .addOption(
      new Option('--max-wait <duration>', 'CONNECTOR_MAX_WAIT_SECONDS of the connectors')
        .argParser(parseDuration)
        .default(7 * dayMs, '7d'),
    )
    .addOption(
      new Option('--max-downtime <duration>', 'CONNECTOR_MAX_DOWNTIME of the connectors')
        .argParser(parseDuration)
        .default(30 * dayMs, '30d'),
    )
    .option('--json', 'print the result as one JSON object');
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
The exit code is 1 if a check fails; a warning does not change it. The names of topics are those of the variables: docs/configuration.md.

Examples:
  pusher doctor --env production.env
  pusher doctor --brokers kafka-1:9092 --json | jq '.findings[].run'`,
    )
    .action((options: DoctorOptions) => doctor(options, signal));
}

async function doctor(options: DoctorOptions, signal: AbortSignal): Promise<void> {
  const { maxWait: maxWaitMs, maxDowntime: maxDowntimeMs, timeout: timeoutMs } = options;
  const kafka = readOptions(options);
  const deployment = await readDeployment({ kafka, timeoutMs, signal, maxWaitMs, maxDowntimeMs });
  const results = Object.entries(checks).map(([check, run]) => ({ check, findings: run(deployment) }));
  const findings = results.flatMap(({ check, findings }) =>
    findings.map((finding) => ({ check, ...finding })),
  );
  const failed = findings.filter(({ level }) => level === 'fail').length;
  if (failed > 0) process.exitCode = exitCodes.failed;
  if (options.json) {
    const passed = results.filter((result) => result.findings.length === 0).map(({ check }) => check);
    return writeJson({ ok: failed === 0, passed, findings });
  }
  const lines = results.flatMap(({ check, findings }) =>
    findings.length === 0 ? [`pass  ${check}`] : findings.flatMap((finding) => linesOf(check, finding)),
  );
  await writeLines([...lines, `${failed} failed, ${findings.length - failed} warnings`]);
}

function linesOf(check: string, { level, subject, what, why, run }: Finding): readonly string[] {
  return [`${words[level]}  ${check}: ${subject}: ${what}`, `      why: ${why}`, `      run: ${run}`];
}
