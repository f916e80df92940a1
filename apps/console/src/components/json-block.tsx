import { CodeBlock } from './code-block.js';

/** JSON as text. */
export function JsonBlock({ value, label }: { readonly value: unknown; readonly label: string }) {
  return <CodeBlock label={label} text={JSON.stringify(value, null, 2)} />;
}
