import { Badge } from '@mantine/core';
import type { CommandState } from '../api/types.js';

const colors: Readonly<Record<CommandState, string>> = {
  published: 'gray',
  waiting: 'yellow',
  dispatched: 'blue',
  delivered: 'teal',
  succeeded: 'green',
  failed: 'red',
  rejected: 'red',
  expired: 'orange',
  superseded: 'grape',
  cancelled: 'gray',
  dead: 'red',
};

/** The state of a command; the word says it, and the colour repeats it. */
export function StateBadge({ state }: { readonly state: CommandState }) {
  return (
    <Badge variant="dot" color={colors[state]} tt="none" fw={500}>
      {state}
    </Badge>
  );
}
