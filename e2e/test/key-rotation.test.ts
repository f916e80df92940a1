import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headerText, type Logger, silentLogger } from '@preservarium/backend';
import { runConnector } from '@preservarium/connector';
import { readDeadLetter } from '@preservarium/dead-letters';
import type { Deliverer } from '@preservarium/deliverer';
import { createTestTopic, readTopic } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import {
  createRecordSigner,
  createRecordVerifier,
  createSigningJwk,
  signingKeyFromFile,
  verificationKeysFromFile,
} from '@preservarium/signing';
import { expect, onTestFinished, test } from 'vitest';
import { backends } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();

function createDevices(): Deliverer & { readonly received: number[] } {
  const received: number[] = [];
  return {
    protocol: 'mqtt',
    received,
    async start() {},
    async deliver({ payload }, { maySend }) {
      maySend?.();
      received.push(Number(payload.count));
      return { kind: 'delivered', evidence: 'device' };
    },
    isReady: () => true,
    async close() {},
  };
}

function createFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'pusher-rotation-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return {
    path: (name: string) => join(folder, name),
    write(name: string, content: object) {
      writeFileSync(join(folder, 'new'), JSON.stringify(content));
      renameSync(join(folder, 'new'), join(folder, name));
    },
  };
}

/** Counts how often a watched file was read again. */
function createReadings(): Logger & { readings: number } {
  const logger = {
    ...silentLogger,
    readings: 0,
    info(_: object, message: string) {
      if (message.endsWith('was read again')) logger.readings++;
    },
  };
  return logger;
}

test.each(Object.entries(backends))(
  'keys change while commands flow, and no command is lost or repeated: %s',
  async (_name, createBackend) => {
    const [one, two] = [
      createSigningJwk({ issuer: 'app', keyId: 'app-1', algorithm: 'HS256' }),
      createSigningJwk({ issuer: 'app', keyId: 'app-2' }),
    ];
    const files = createFiles();
    files.write('app.json', one.signs);
    files.write('trusted.json', { keys: [one.verifies] });
    const readings = createReadings();
    const commandTopic = await createTestTopic(kafka, { partitions: 3 });
    const deadLetters = `${commandTopic}-d`;
    const devices = createDevices();
    const keys = verificationKeysFromFile(files.path('trusted.json'), { logger: readings });
    const connector = await runConnector({
      backend: createBackend(kafka),
      deliverer: devices,
      groupId: commandTopic,
      from: 'beginning',
      topics: { commands: commandTopic, waiting: `${commandTopic}-w`, deadLetters, events: false },
      signatures: { verifier: createRecordVerifier({ keys }) },
    });
    onTestFinished(() => connector.close());
    const sign = createRecordSigner({ key: signingKeyFromFile(files.path('app.json')) });
    const keyIds: string[] = [];
    const service = createPusherService({
      backend: createBackend(kafka),
      commandTopic,
      sign(record, terms) {
        const signed = sign(record, terms);
        const [header = ''] = (headerText(signed.headers ?? [], 'signature') ?? '').split('.');
        keyIds.push(JSON.parse(Buffer.from(header, 'base64url').toString()).kid);
        return signed;
      },
    });
    onTestFinished(() => service.close());
    let count = 0;
    const push = () =>
      service.pushCommand({
        deviceId: `d${count % 20}`,
        commandType: 'set_led',
        protocol: 'mqtt',
        payload: { count: count++ },
      });
    const pushUntil = async (isOver: () => boolean) => {
      while (!isOver()) await push();
    };
    const untilDelivered = () => expect.poll(() => devices.received.length).toBe(count);

    await pushUntil(() => count >= 100);
    files.write('trusted.json', { keys: [one.verifies, two.verifies] });
    await pushUntil(() => readings.readings === 1);
    files.write('app.json', two.signs);
    await pushUntil(() => keyIds.at(-1) === 'app-2');
    await untilDelivered();
    files.write('trusted.json', { keys: [two.verifies], denied: ['app-1'] });
    await pushUntil(() => readings.readings === 2);
    await untilDelivered();
    expect(devices.received.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: count }, (_, index) => index),
    );
    expect(await readTopic(kafka, deadLetters)).toEqual([]);
    const signedBy = (keyId: string) => keyIds.filter((found) => found === keyId).length;
    console.log(`${signedBy('app-1')} commands signed by the first key, ${signedBy('app-2')} by the second`);

    files.write('app.json', one.signs);
    await pushUntil(() => keyIds.at(-1) === 'app-1');
    await expect
      .poll(async () =>
        (await readTopic(kafka, deadLetters)).map((record) => {
          const read = readDeadLetter({ ...record, topic: deadLetters });
          return read.ok && read.letter.reason;
        }),
      )
      .toEqual(['wrong-key']);
  },
);
