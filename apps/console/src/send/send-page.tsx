import { Alert, Button, Grid, Group, NativeSelect, Paper, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { PageTitle } from '../components/page-title.js';
import { ProblemAlert } from '../components/problem-alert.js';
import { JsonEditor } from '../json-form/json-editor.js';
import { problemOf } from '../json-form/json-text.js';
import { type Draft, expiryProblemOf, useFirstDraft } from './draft.js';
import { SentCommand } from './sent-command.js';
import { usePayloadSchemas } from './use-payload-schemas.js';
import { useSend } from './use-send.js';

/** Writes a command, tries it without sending, sends it, and shows its answer. */
export function SendPage() {
  const [draft, setDraft] = useState(useFirstDraft());
  const { check, send } = useSend();
  const change = (changed: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...changed }));
    check.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    check.reset();
    send.mutate(draft);
  };
  const isReady =
    draft.device !== '' &&
    draft.type !== '' &&
    problemOf(draft.payload) === undefined &&
    expiryProblemOf(draft) === undefined;
  return (
    <>
      <PageTitle>Send</PageTitle>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Paper withBorder p="md" component="form" onSubmit={submit}>
            <Stack>
              <DraftFields draft={draft} onChange={change} />
              <ProblemAlert error={check.error ?? send.error} />
              {check.isSuccess && (
                <Alert color="green" role="status" title="This command can be sent">
                  Nothing was sent.
                </Alert>
              )}
              <Group>
                <Button type="submit" disabled={!isReady} loading={send.isPending}>
                  Send
                </Button>
                <Button
                  variant="default"
                  disabled={!isReady}
                  loading={check.isPending}
                  onClick={() => {
                    send.reset();
                    check.mutate(draft);
                  }}
                >
                  Dry run
                </Button>
              </Group>
            </Stack>
          </Paper>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          {send.data && <SentCommand request={send.data.request_id} device={send.data.device_id} />}
        </Grid.Col>
      </Grid>
    </>
  );
}

interface DraftFieldsProps {
  readonly draft: Draft;
  onChange(change: Partial<Draft>): void;
}

function DraftFields({ draft, onChange }: DraftFieldsProps) {
  const schemas = usePayloadSchemas(draft.device);
  const text = (name: keyof Draft) => ({
    value: draft[name] ?? '',
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ [name]: event.currentTarget.value }),
  });
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput label="Device" required {...text('device')} />
        <TextInput label="Command type" required {...text('type')} list="command-types" />
        <TextInput label="Protocol" required {...text('protocol')} list="protocols" />
        <NativeSelect
          label="Required evidence"
          data={[
            { value: '', label: 'as the device type or the connector says' },
            { value: 'gateway', label: 'gateway: the broker has it' },
            { value: 'device', label: 'device: the device acknowledged it' },
            { value: 'executed', label: 'executed: the device reported the result' },
          ]}
          value={draft.evidence ?? ''}
          onChange={(event) => onChange({ evidence: event.currentTarget.value || null })}
        />
        <TextInput
          label="Expires in (seconds)"
          inputMode="numeric"
          error={expiryProblemOf(draft)}
          {...text('expiresIn')}
        />
        <TextInput label="Supersede key" {...text('supersedeKey')} />
      </SimpleGrid>
      <Choices id="protocols" names={['mqtt', 'coap', 'http']} />
      <Choices id="command-types" names={Object.keys(schemas)} />
      <JsonEditor
        key={draft.type}
        label="Payload"
        schema={schemas[draft.type]}
        text={draft.payload}
        onChange={(payload) => onChange({ payload })}
      />
    </>
  );
}

function Choices({ id, names }: { readonly id: string; readonly names: readonly string[] }) {
  return (
    <datalist id={id}>
      {names.map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}
