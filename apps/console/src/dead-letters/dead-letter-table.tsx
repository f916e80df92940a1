import { Button, Checkbox, Paper, Table, Text } from '@mantine/core';
import type { DeadLetter } from '../api/types.js';
import { devicePath } from '../components/links.js';
import { TextLink } from '../components/text-link.js';
import { Time } from '../components/time.js';
import type { RedriveResult } from './use-redrive.js';

export interface DeadLetterTableProps {
  readonly letters: readonly DeadLetter[];
  /** Positions. */
  readonly selected: ReadonlySet<string>;
  readonly results: ReadonlyMap<string, RedriveResult> | undefined;
  onSelect(positions: ReadonlySet<string>): void;
  onRead(position: string): void;
}

/** Dead letters with a box to select each. */
export function DeadLetterTable({ letters, selected, results, onSelect, onRead }: DeadLetterTableProps) {
  const open = letters.filter(({ sent_again: sent }) => !sent).map(({ position }) => position);
  const isAll = open.length > 0 && open.every((position) => selected.has(position));
  const toggle = (position: string) => {
    const after = new Set(selected);
    if (!after.delete(position)) after.add(position);
    onSelect(after);
  };
  return (
    <Paper withBorder>
      <Table aria-label="Dead letters" verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={40}>
              <Checkbox
                aria-label="Select all"
                checked={isAll}
                indeterminate={!isAll && selected.size > 0}
                disabled={open.length === 0}
                onChange={() => onSelect(new Set(isAll ? [] : open))}
              />
            </Table.Th>
            <Table.Th>Command</Table.Th>
            <Table.Th>Reason</Table.Th>
            <Table.Th visibleFrom="xs">Since</Table.Th>
            <Table.Th>Actions</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {letters.map((letter) => (
            <Row
              key={letter.position}
              letter={letter}
              isSelected={selected.has(letter.position)}
              result={results?.get(letter.position)}
              onToggle={() => toggle(letter.position)}
              onRead={() => onRead(letter.position)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

interface RowProps {
  readonly letter: DeadLetter;
  readonly isSelected: boolean;
  readonly result: RedriveResult | undefined;
  onToggle(): void;
  onRead(): void;
}

function Row({ letter, isSelected, result, onToggle, onRead }: RowProps) {
  const { command_type: type = 'no type', device_id: device, position, reason, message, died_at } = letter;
  const name = `${type} for ${device} at ${position}`;
  return (
    <Table.Tr>
      <Table.Td>
        {!letter.sent_again && (
          <Checkbox aria-label={`Select ${name}`} checked={isSelected} onChange={onToggle} />
        )}
      </Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        <Text size="sm">{type}</Text>
        <TextLink href={devicePath(device)}>{device}</TextLink>
      </Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        <Text size="sm">
          {reason}: {message}
        </Text>
        {letter.sent_again && (
          <Text size="sm" fw={600}>
            sent again
          </Text>
        )}
        {result !== undefined && (
          <Text size="sm" fw={600}>
            {result.outcome.replaceAll('_', ' ')}: {result.message}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="xs">
        <Time at={died_at} />
      </Table.Td>
      <Table.Td>
        <Button variant="default" size="compact-sm" onClick={onRead} aria-label={`Read ${name}`}>
          Read
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
