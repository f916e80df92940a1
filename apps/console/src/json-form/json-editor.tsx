import { Loader, SegmentedControl, Stack, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { hasPlainNumbers } from '../api/exact-json.js';
import type { JsonObject } from '../api/types.js';
import { JsonText, problemOf } from './json-text.js';

// The forms are half of the program, and most pages have none.
const JsonForm = lazy(() => import('./json-form.js'));

export interface JsonEditorProps {
  readonly label: string;
  /** JSON Schema of the object; undefined where any object may be valid. */
  readonly schema?: JsonObject | undefined;
  readonly text: string;
  onChange(text: string): void;
}

/** Edits a JSON object by a form, where its schema is known, or as text. */
export function JsonEditor({ label, schema, text, onChange }: JsonEditorProps) {
  const [wanted, setWanted] = useState('form');
  // A form would round the others.
  const isReadable = problemOf(text) === undefined && hasPlainNumbers(text);
  const isForm = schema !== undefined && wanted === 'form' && isReadable;
  return (
    <Stack gap="xs">
      {schema !== undefined && (
        <SegmentedControl
          data={[
            { value: 'form', label: 'Form', disabled: !isReadable },
            { value: 'json', label: 'JSON' },
          ]}
          value={isForm ? 'form' : 'json'}
          onChange={setWanted}
          aria-label={`${label} as`}
        />
      )}
      {isForm ? (
        <Suspense fallback={<Loader aria-label="Loading the form" />}>
          <Text fw={500} size="sm">
            {label}
          </Text>
          <JsonForm
            schema={schema}
            value={JSON.parse(text)}
            onChange={(value) => onChange(JSON.stringify(value, null, 2))}
          />
        </Suspense>
      ) : (
        <JsonText label={label} text={text} onChange={onChange} />
      )}
    </Stack>
  );
}
