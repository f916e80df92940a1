import { styleText } from 'node:util';
import { printable, printableJson } from '@preservarium/command-line/process';
import type { ArrivedCommand, DeviceAnswer, Execute } from './device.js';
import { writeJson } from './read-payload.js';

export type OutputFormat = 'text' | 'json';

/** Wraps `execute` so that it writes a line for each command after its execution, or when the device disconnects before. */
export function reporting(execute: Execute, format: OutputFormat, write: (line: string) => void): Execute {
  const describe = format === 'json' ? describeAsJson : describeAsText;
  return async (command, signal) => {
    try {
      const answer = await execute(command, signal);
      write(describe(command, answer));
      return answer;
    } catch (error) {
      write(describe(command, undefined));
      throw error;
    }
  };
}

function describeAsJson(command: ArrivedCommand, answer: DeviceAnswer | undefined): string {
  return printableJson(writeJson({ ...command, answer: answer ?? null }));
}

function describeAsText(command: ArrivedCommand, answer: DeviceAnswer | undefined): string {
  const { protocol, deviceId, target, commandType = '-', payload, requestId, mayBeRepeat } = command;
  const said =
    answer === undefined ? styleText('yellow', 'gone') : styleText(colours[answer.status], answer.status);
  const facts = [deviceId, protocol, target, commandType, writeJson(payload)].map(printable);
  facts.push(said);
  if (requestId !== undefined) facts.push(styleText('dim', printable(requestId)));
  if (mayBeRepeat) facts.push(styleText('yellow', 'may be a repeat'));
  return facts.join('  ');
}

const colours = { succeeded: 'green', failed: 'red', rejected: 'red' } as const;
