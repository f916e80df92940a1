import { Group, MultiSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { commandStates } from '../api/types.js';
import type { CommandFilters } from './use-filters.js';

export interface FilterFieldsProps {
  readonly filters: CommandFilters;
  onChange(change: CommandFilters): void;
}

/** The fields that choose commands. */
export function FilterFields({ filters, onChange }: FilterFieldsProps) {
  return (
    <Group align="end" gap="sm" mb="sm">
      <MultiSelect
        label="States"
        data={[...commandStates]}
        value={filters.state?.split(',') ?? []}
        onChange={(states) => onChange({ state: states.join(',') })}
        placeholder={filters.state === undefined ? 'all' : undefined}
        clearable
        clearButtonProps={{ 'aria-label': 'All states' }}
        w={{ base: '100%', xs: 260 }}
      />
      <TextFilter label="Device" value={filters.device} onChange={(device) => onChange({ device })} />
      <TextFilter label="Command type" value={filters.type} onChange={(type) => onChange({ type })} />
    </Group>
  );
}

interface TextFilterProps {
  readonly label: string;
  readonly value: string | undefined;
  onChange(value: string): void;
}

/** Waits for a pause of the typing. */
function TextFilter({ label, value = '', onChange }: TextFilterProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const change = useDebouncedCallback(onChange, 300);
  return (
    <TextInput
      label={label}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        change(event.currentTarget.value.trim());
      }}
      w={{ base: 'calc(50% - 6px)', xs: 170 }}
    />
  );
}
