import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { BoardRow } from './board.js';
import { describeEvent, describeStep, findProblem, hasEnded, type StepEvent } from './lifecycle.js';
import { renderTable } from './table.js';

/** Shows the lifecycles while they change. */
export interface LiveView {
  show(rows: readonly BoardRow[], changed: BoardRow, event: StepEvent): void;
  /** Clears the table and shows nothing more. */
  end(): void;
}

const controlSequence = '\u001b[';

/** Output stream; `isTTY` and `rows` as in `tty.WriteStream`. */
export type Screen = Pick<Writable, 'write'> & { readonly isTTY?: boolean; readonly rows?: number };

/** Creates a view that redraws a table on a terminal with enough lines, and otherwise writes a line for each event. */
export function createLiveView(stream: Screen): LiveView {
  const startedAtMs = performance.now();
  let isOver = false;
  let drawnLines = 0;

  function clear(): void {
    if (drawnLines > 0) stream.write(`${controlSequence}${drawnLines}A${controlSequence}J`);
    drawnLines = 0;
  }

  return {
    show(rows, changed, event) {
      if (isOver) return;
      const lines = renderBoard(rows).split('\n');
      if (!stream.isTTY || lines.length >= (stream.rows ?? 0)) {
        const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(2);
        stream.write(
          `${seconds.padStart(6)} s  ${changed.push.name}, ${changed.push.deviceId}, ${changed.pushedWith}: ${describeEvent(event)}\n`,
        );
        return;
      }
      clear();
      // Turns off line wrap, so that each row takes one line on a narrow terminal.
      stream.write(`${controlSequence}?7l${lines.join('\n')}${controlSequence}?7h\n`);
      drawnLines = lines.length;
    },
    end() {
      isOver = true;
      clear();
    },
  };
}

export function renderBoard(rows: readonly BoardRow[]): string {
  return renderTable(['command', 'device', 'backend', 'state', 'earlier states'], rows.map(renderRow));
}

function renderRow({ push, pushedWith, steps, ends }: BoardRow): readonly string[] {
  const words = steps.map(describeStep);
  const state = words.pop() ?? '';
  const colour = !hasEnded(steps, ends) ? 'yellow' : findProblem(steps, ends) === undefined ? 'green' : 'red';
  return [push.name, push.deviceId, pushedWith, styleText(colour, state), words.join(' → ')];
}
