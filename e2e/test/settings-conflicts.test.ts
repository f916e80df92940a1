import { randomUUID } from 'node:crypto';
import { createSettings, type Settings } from '@preservarium/settings';
import { expect, onTestFinished, test } from 'vitest';
import { backends } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();
const timeoutMs = 150_000;
const changes = 150;

// `npm run bench -- conflicts` does this with 20,000 changes and three processes.
test.each(Object.entries(backends))(
  '%s: of changes that three clients make to one device at once, all are accepted and none is lost',
  async (_, createBackend) => {
    const name = `test-${randomUUID()}`;
    const topics = { settingsTopic: `${name}-settings`, reportedTopic: `${name}-reported` };

    async function open(): Promise<Settings> {
      const backend = createBackend(kafka);
      onTestFinished(() => backend.close({ timeoutMs: 10_000 }));
      const settings = await createSettings({ backend, timeoutMs, commandTopic: name, ...topics });
      onTestFinished(() => settings.close());
      return settings;
    }

    const clients = await Promise.all([open(), open(), open()]);
    const accepted = await Promise.all(
      clients.flatMap((settings, index) =>
        Array.from({ length: changes }, (_, number) =>
          settings.pushSettings('d1', { [`client ${index}`]: number }),
        ),
      ),
    );
    expect(new Set(accepted.map(({ version }) => version)).size).toBe(3 * changes);
    for (const [position, { desired }] of accepted.entries()) {
      expect(desired[`client ${Math.floor(position / changes)}`]).toBe(position % changes);
    }
    const late = await open();
    const last = { 'client 0': changes - 1, 'client 1': changes - 1, 'client 2': changes - 1 };
    expect(late.getSettings('d1')?.desired).toEqual(last);
  },
);
