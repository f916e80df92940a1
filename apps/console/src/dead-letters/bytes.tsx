import { Code } from '@mantine/core';
import type { DeadLetterContent } from '../api/types.js';
import { ScrollBox } from '../components/scroll-box.js';
import { hexDump } from './hex-dump.js';

export interface BytesProps {
  readonly bytes: DeadLetterContent['value'];
  readonly label: string;
}

/** Bytes as text where they are UTF-8, else as a dump. */
export function Bytes({ bytes: { text, base64 }, label }: BytesProps) {
  return (
    <ScrollBox label={label} style={{ maxHeight: 300, overflow: 'auto' }}>
      <Code block>{text ?? hexDump(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)))}</Code>
    </ScrollBox>
  );
}
