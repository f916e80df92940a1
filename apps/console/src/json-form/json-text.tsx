import { JsonInput } from '@mantine/core';

export interface JsonTextProps {
  readonly label: string;
  readonly text: string;
  onChange(text: string): void;
}

/** A JSON object as text. It is sent as it is written: numbers keep all of their digits. */
export function JsonText({ label, text, onChange }: JsonTextProps) {
  return (
    <JsonInput
      label={label}
      value={text}
      onChange={onChange}
      error={problemOf(text)}
      autosize
      minRows={4}
      maxRows={16}
      spellCheck={false}
      classNames={{ input: 'code' }}
    />
  );
}

/** Returns what is wrong with the text of a JSON object; undefined if nothing is. */
export function problemOf(text: string): string | undefined {
  try {
    const value = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? undefined : 'must be a JSON object';
  } catch (error) {
    return `is not JSON: ${(error as Error).message}`;
  }
}
