import { Button, Group, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { parseExact } from '../api/exact-json.js';
import type { JsonObject, Settings } from '../api/types.js';
import { useDeviceTypes } from '../api/use-device-types.js';
import { ProblemAlert } from '../components/problem-alert.js';
import { JsonEditor } from '../json-form/json-editor.js';
import { problemOf } from '../json-form/json-text.js';
import { ConflictAlert } from './conflict-alert.js';
import { mergeChanges } from './merge-changes.js';
import { isConflict, useChangeSettings } from './use-settings.js';

export interface SettingsEditorProps {
  readonly id: string;
  readonly type: string | undefined;
  /** What the gateway has now; null for no settings. */
  readonly current: Settings | null;
  onDone(): void;
}

/** Edits the desired settings of a device. A change by somebody else is shown, and overwritten only knowingly. */
export function SettingsEditor({ id, type, current, onDone }: SettingsEditorProps) {
  const schema = useSettingsSchema(type);
  const [base, setBase] = useState(() => sideOf(current));
  const [text, setText] = useState(() => textOf(base.settings));
  const change = useChangeSettings(id);
  const now = sideOf(current);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ text, version: base.version }, { onSuccess: onDone });
  };
  const begin = (settings: JsonObject) => {
    setBase(now);
    setText(textOf(settings));
    change.reset();
  };

  return (
    <Stack component="form" onSubmit={submit}>
      <JsonEditor label="Desired settings" schema={schema} text={text} onChange={setText} />
      {isConflict(change.error) ? (
        <ConflictAlert
          version={now.version}
          theirs={now.settings}
          merge={
            problemOf(text)
              ? undefined
              : mergeChanges(base.settings, parseExact(text) as JsonObject, now.settings)
          }
          onTake={begin}
        />
      ) : (
        <ProblemAlert error={change.error} />
      )}
      <Group>
        <Button type="submit" disabled={problemOf(text) !== undefined} loading={change.isPending}>
          Save
        </Button>
        <Button variant="default" onClick={onDone}>
          Discard
        </Button>
      </Group>
    </Stack>
  );
}

function sideOf(current: Settings | null): { readonly settings: JsonObject; readonly version: number } {
  return current?.desired ?? { settings: {}, version: -1 };
}

function textOf(settings: JsonObject): string {
  return JSON.stringify(settings, null, 2);
}

function useSettingsSchema(type: string | undefined): JsonObject | undefined {
  const declared = useDeviceTypes().get(type ?? '');
  return declared && { type: 'object', properties: declared.settings, additionalProperties: false };
}
