import { Alert, Button, Code, Group, Text } from '@mantine/core';
import type { JsonObject } from '../api/types.js';
import { JsonBlock } from '../components/json-block.js';
import type { MergedChanges } from './merge-changes.js';

export interface ConflictAlertProps {
  /** Of the settings as they are now. */
  readonly version: number;
  readonly theirs: JsonObject;
  /** Undefined where the draft cannot be read. */
  readonly merge: MergedChanges | undefined;
  /** Goes on with these settings. */
  onTake(settings: JsonObject): void;
}

/** Shows that somebody else changed the settings, and lets the operator decide. */
export function ConflictAlert({ version, theirs, merge, onTake }: ConflictAlertProps) {
  return (
    <Alert color="orange" role="alert" title="Somebody else changed these settings">
      <Text size="sm" mb="xs">
        Nothing was saved. They are now version {version}:
      </Text>
      <JsonBlock value={theirs} label="Settings of the other change" />
      {merge !== undefined && (
        <Text size="sm" my="xs">
          {merge.conflicts.length === 0 ? 'Your changes are of other settings.' : 'Both changes are of: '}
          {merge.conflicts.map((name) => (
            <Code key={name} mr={4}>
              {name}
            </Code>
          ))}
        </Text>
      )}
      <Group gap="xs">
        <Button variant="default" size="compact-sm" onClick={() => onTake(theirs)}>
          Take theirs
        </Button>
        {merge !== undefined && (
          <Button variant="default" size="compact-sm" onClick={() => onTake(merge.merged)}>
            Apply mine to theirs
          </Button>
        )}
      </Group>
    </Alert>
  );
}
