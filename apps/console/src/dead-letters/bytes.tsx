import type { DeadLetterContent } from '../api/types.js';
import { CodeBlock } from '../components/code-block.js';
import { hexDump } from './hex-dump.js';

export interface BytesProps {
  readonly bytes: DeadLetterContent['value'];
  readonly label: string;
}

/** Bytes as text where they are UTF-8, else as a dump. */
export function Bytes({ bytes: { text, base64 }, label }: BytesProps) {
  const bytes = () => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return <CodeBlock label={label} text={text ?? hexDump(bytes())} />;
}
