import { Code } from '@mantine/core';
import { ScrollBox } from './scroll-box.js';

const style = { maxHeight: 360, overflow: 'auto' };

/** JSON as text. */
export function JsonBlock({ value, label }: { readonly value: unknown; readonly label: string }) {
  return (
    <ScrollBox label={label} style={style}>
      <Code block>{JSON.stringify(value, null, 2)}</Code>
    </ScrollBox>
  );
}
