import { ScrollBox } from './scroll-box.js';

export interface CodeBlockProps {
  readonly label: string;
  readonly text: string;
}

/** Text as it is, in a box that scrolls. */
export function CodeBlock({ label, text }: CodeBlockProps) {
  return (
    <ScrollBox label={label} className="code-block">
      <pre>{text}</pre>
    </ScrollBox>
  );
}
