import type { Caller } from '@preservarium/access';
import { jsonOfLine, type Line, readLineBatches } from '@preservarium/command-line/application';
import { mapInOrder } from '@preservarium/concurrency';
import type { ParsedCommand } from '@preservarium/core';
import type { CommandOutcome } from '@preservarium/publisher';
import type { GatewayLimits, GatewayParts } from '../gateway-parts.js';
import type { CallerBudgets } from '../http/caller-budgets.js';
import { receiptBody } from '../http/command-body.js';
import { issuedCommand } from '../http/issued-command.js';
import { toHttpError } from '../http/problem.js';

/** Lines that are pushed together: one chunk of `pushCommands`, so that no later ones overtake them. */
const maxLines = 500;
/** Groups of lines whose outcomes are not read yet: enough to keep Kafka busy while it answers. */
const maxGroups = 32;

type Parts = Pick<GatewayParts, 'service' | 'authorizer' | 'protocols'>;

interface PushLinesOptions {
  readonly caller: Caller;
  readonly budgets: CallerBudgets;
  readonly limits: Pick<GatewayLimits, 'maxBodyBytes' | 'pushTimeoutMs' | 'requestsPerSecond'>;
}

/** A line: its command, or the outcome of a line that is refused. */
type Prepared = { readonly command: ParsedCommand } | { readonly refusal: string };

/**
 * Pushes the commands of NDJSON, and returns the outcomes as NDJSON, one for each line in their order. Lines are read ahead, and no more than
 * these: who does not read the outcomes is not read from.
 */
export function pushLines(
  parts: Parts,
  body: AsyncIterable<Buffer>,
  options: PushLinesOptions,
): AsyncGenerator<string, void> {
  const push = (lines: readonly Line[]) =>
    pushPrepared(parts, prepare(parts, lines, options.caller), options.limits);
  return mapInOrder(readWithinBudget(body, options), push, { maxInFlight: maxGroups });
}

/** Reads no faster than the caller may send requests; each line is one. */
async function* readWithinBudget(
  body: AsyncIterable<Buffer>,
  { caller, limits, budgets }: PushLinesOptions,
): AsyncGenerator<readonly Line[], void> {
  const { maxBodyBytes: maxBytes, requestsPerSecond } = limits;
  const groups = readLineBatches(body, { maxBytes, maxLines: Math.min(maxLines, requestsPerSecond) });
  for await (const lines of groups) {
    await budgets.spendInTime(caller.id, lines.length);
    yield lines;
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

async function pushPrepared(
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
  return `{"status":202,${JSON.stringify(receiptBody(deviceId, { requestId, ...receipt })).slice(1)}\n`;
}

function refusalOf(error: unknown): string {
  return `${JSON.stringify(toHttpError(error).problem)}\n`;
}
