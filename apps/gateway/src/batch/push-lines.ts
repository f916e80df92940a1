import type { Caller } from '@preservarium/access';
import { jsonOfLine, type Line, readLineBatches } from '@preservarium/command-line/application';
import type { ParsedCommand } from '@preservarium/core';
import type { CommandOutcome } from '@preservarium/publisher';
import type { GatewayLimits, GatewayParts } from '../gateway-parts.js';
import { receiptBody } from '../http/command-body.js';
import { issuedCommand } from '../http/issued-command.js';
import { toHttpError } from '../http/problem.js';

/** Lines that are pushed together. */
const maxLines = 1_000;

type Parts = Pick<GatewayParts, 'service' | 'authorizer' | 'protocols'>;

interface PushLinesOptions {
  readonly caller: Caller;
  readonly limits: Pick<GatewayLimits, 'maxBodyBytes' | 'pushTimeoutMs'>;
}

/** A line: its command, or the outcome of a line that is refused. */
type Prepared = { readonly command: ParsedCommand } | { readonly refusal: string };

/**
 * Pushes the commands of NDJSON, and returns the outcomes as NDJSON, one for each line in their order. While some lines are pushed the next
 * ones are read, and no more than these: who does not read the outcomes is not read from.
 */
export async function* pushLines(
  parts: Parts,
  body: AsyncIterable<Buffer>,
  { caller, limits }: PushLinesOptions,
): AsyncGenerator<string, void> {
  const batches = readLineBatches(body, { maxBytes: limits.maxBodyBytes, maxLines });
  const read = () => {
    const next = batches.next().then(({ value }) => value && prepare(parts, value, caller));
    // It is awaited after the outcomes of the lines before it.
    next.catch(() => {});
    return next;
  };
  let reading = read();
  for (let lines = await reading; lines !== undefined; lines = await reading) {
    reading = read();
    yield await push(parts, lines, limits);
  }
}

function prepare(
  { authorizer, protocols }: Parts,
  lines: readonly Line[],
  caller: Caller,
): readonly Prepared[] {
  return lines.map((line) => {
    try {
      const json = jsonOfLine(line);
      if (!json.ok) throw json.error;
      const command = issuedCommand(json.object, { caller, protocols });
      const { deviceId, commandType, payload } = command;
      authorizer.assert({ caller, action: 'push', deviceId, commandType, payload });
      return { command };
    } catch (error) {
      return { refusal: refusalOf(error) };
    }
  });
}

async function push(
  { service }: Parts,
  lines: readonly Prepared[],
  { pushTimeoutMs: timeoutMs }: PushLinesOptions['limits'],
): Promise<string> {
  const commands = lines.flatMap((line) => ('command' in line ? [line.command] : []));
  const outcomes: CommandOutcome[] = [];
  for await (const outcome of service.pushCommands(commands, { timeoutMs })) outcomes.push(outcome);
  let next = 0;
  let answers = '';
  for (const line of lines) {
    answers +=
      'refusal' in line ? line.refusal : answerOf(outcomes[next++] as CommandOutcome, line.command.deviceId);
  }
  return answers;
}

function answerOf(outcome: CommandOutcome, deviceId: string): string {
  if (!outcome.ok) return refusalOf(outcome.error);
  const { requestId, receipt } = outcome;
  return `${JSON.stringify({ status: 202, ...receiptBody(deviceId, { requestId, ...receipt }) })}\n`;
}

function refusalOf(error: unknown): string {
  return `${JSON.stringify(toHttpError(error).problem)}\n`;
}
