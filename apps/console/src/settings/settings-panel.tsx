import { Badge, Button, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { Settings } from '../api/types.js';
import { JsonBlock } from '../components/json-block.js';
import { ProblemAlert } from '../components/problem-alert.js';
import { Time } from '../components/time.js';
import { SettingsEditor } from './settings-editor.js';
import { useSettings } from './use-settings.js';

export interface SettingsPanelProps {
  /** The device. */
  readonly id: string;
  /** Its device type, if one is declared. */
  readonly type: string | undefined;
}

/** The settings of a device: desired, reported, their difference, and an editor of the desired ones. */
export function SettingsPanel({ id, type }: SettingsPanelProps) {
  const { data, error } = useSettings(id);
  const [isEditing, setEditing] = useState(false);
  return (
    <Paper withBorder p="md" component="section" aria-label="Settings">
      <Stack>
        <Group justify="space-between">
          <Title order={2}>Settings</Title>
          {data && <SyncState settings={data} />}
          {data !== undefined && !isEditing && (
            <Button variant="default" size="compact-sm" onClick={() => setEditing(true)}>
              Edit
            </Button>
          )}
        </Group>
        {data === undefined && <ProblemAlert error={error} />}
        {data !== undefined && isEditing && (
          <SettingsEditor id={id} type={type} current={data} onDone={() => setEditing(false)} />
        )}
        {data === null && !isEditing && <Text size="sm">This device has no settings.</Text>}
        {data && <Sides settings={data} />}
      </Stack>
    </Paper>
  );
}

function SyncState({ settings }: { readonly settings: Settings }) {
  const isInSync = Object.keys(settings.difference).length === 0;
  return (
    <Badge variant="dot" color={isInSync ? 'green' : 'yellow'} tt="none" fw={500} mr="auto">
      {isInSync ? 'in sync' : 'the device differs'}
    </Badge>
  );
}

function Sides({ settings }: { readonly settings: Settings }) {
  const { desired, reported, difference, issued_by: issuer } = settings;
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      <Side name="Desired" side={desired} issuer={issuer} />
      <Side name="Reported" side={reported} />
      <div>
        <Title order={3} size="sm">
          Difference
        </Title>
        <Text size="xs" className="quiet" mb={4}>
          from reported to desired
        </Text>
        <JsonBlock value={difference} label="Difference" />
      </div>
    </SimpleGrid>
  );
}

interface SideProps {
  readonly name: string;
  readonly side: Settings['desired'];
  /** Who changed it last, if that is known. */
  readonly issuer?: string | null;
}

function Side({ name, side, issuer }: SideProps) {
  return (
    <div>
      <Title order={3} size="sm">
        {name}
      </Title>
      <Text size="xs" className="quiet" mb={4} component="div">
        {side ? (
          <>
            version {side.version}, <Time at={side.timestamp} />
            {issuer && `, by ${issuer}`}
          </>
        ) : (
          'none'
        )}
      </Text>
      {side && <JsonBlock value={side.settings} label={name} />}
    </div>
  );
}
