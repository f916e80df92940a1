import { type Program, startProgram } from './program.js';
import type { PusherAnswer, PusherProgramOptions, PusherRequest } from './pusher-message.js';

const file = new URL('./pusher-program.js', import.meta.url);

export interface Pusher extends Program {
  /** Asks for it; a pusher that is killed meanwhile gives no answer. */
  ask(request: PusherRequest): void;
}

export function startPusher(
  options: PusherProgramOptions,
  logFile: string,
  onAnswer: (answer: PusherAnswer) => void,
): Pusher {
  const program = startProgram({ file, args: [JSON.stringify(options)], logFile });
  program.child.on('message', onAnswer);
  // A killed pusher receives no more messages.
  program.child.on('error', () => {});
  return {
    ...program,
    ask(request) {
      if (program.child.connected) program.child.send(request, () => {});
    },
  };
}
