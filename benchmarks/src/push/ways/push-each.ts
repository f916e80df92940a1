import { numbersOf } from '../../numbered-command.js';
import { withInFlight } from '../../with-in-flight.js';
import type { OpenWay } from './way.js';

const defaultInFlight = 1_000;

/** A way that awaits each command, as one that can push many. */
export function pushEach(
  { pushOne, close }: Required<Pick<OpenWay, 'pushOne' | 'close'>>,
  inFlight = defaultInFlight,
): OpenWay {
  return {
    async pushAll(commands) {
      const unacknowledged: number[] = [];
      await withInFlight(numbersOf(commands), inFlight, async (number) => {
        try {
          await pushOne(number, commands.bytes);
        } catch (error) {
          if (unacknowledged.length === 0) console.error(error);
          unacknowledged.push(number);
        }
      });
      return unacknowledged;
    },
    pushOne,
    close,
  };
}
