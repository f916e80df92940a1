import { Paper, Text } from '@mantine/core';
import { TextLink } from '../components/text-link.js';

export interface FigureProps {
  readonly label: string;
  readonly value: string;
  readonly note?: string | undefined;
  /** The page that lists what is counted. */
  readonly href?: string;
}

/** A number and its meaning. */
export function Figure({ label, value, note, href }: FigureProps) {
  return (
    <Paper withBorder p="sm">
      <Text size="sm" className="quiet">
        {href === undefined ? label : <TextLink href={href}>{label}</TextLink>}
      </Text>
      <Text fz={26} fw={600} lh={1.3} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {value}
      </Text>
      {note !== undefined && (
        <Text size="xs" className="quiet">
          {note}
        </Text>
      )}
    </Paper>
  );
}
