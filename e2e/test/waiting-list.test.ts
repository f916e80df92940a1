import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connectorArguments, startConnector } from '@preservarium/connector-process/testing';
import { type CommandInput, encodeCommand, parseCommand } from '@preservarium/core';
import {
  createTestTopic,
  publishWithMosquitto,
  startMosquitto,
  subscribeWithMosquitto,
  writeTopic,
} from '@preservarium/dev-services';
import { afterAll, expect, test } from 'vitest';

const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
const connectorMain = new URL('../../apps/mqtt-connector/dist/main.js', import.meta.url);
const pusherMain = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const broker = await startMosquitto();
afterAll(() => broker.stop());

test.each(['kafkajs', 'rdkafka'])(
  '`pusher list --state waiting` shows all that /readyz counts, whatever it waits for: %s',
  async (backend) => {
    const topic = await createTestTopic(kafka, { partitions: 1 });
    const push = async (given: Partial<CommandInput>) => {
      const requestId = randomUUID();
      const command = parseCommand({
        ...{ requestId, deviceId: 'nobody', commandType: 'open', protocol: 'mqtt' },
        ...given,
      });
      await writeTopic(kafka, topic, [
        { partition: 0, key: command.deviceId, value: encodeCommand(command) },
      ]);
      return requestId;
    };
    const deaf = `deaf-${topic}`;
    const gone = `gone-${topic}`;
    await publishWithMosquitto(broker, {
      topic: `devices/${gone}/status`,
      payload: 'offline',
      retain: true,
    });
    await using _deaf = await subscribeWithMosquitto(broker, { topic: `devices/${deaf}/commands` });
    const args = ['--mqtt-url', broker.url, '--presence', 'require', '--backend', backend];
    await using connector = startConnector(connectorMain, [...connectorArguments(topic), ...args]);
    await connector.until('/readyz', ({ status }) => status === 200);
    const answer = { requiredEvidence: 'executed', answerWithinMs: 200 } as const;
    const waiting = [
      await push({}),
      await push({}),
      await push({ topic: 'devices/nobody/comands' }),
      await push({ deviceId: gone }),
      await push({ deviceId: gone, expiresAt: new Date(Date.now() + 3_600_000) }),
      await push({ deviceId: deaf, ...answer }),
      await push({ deviceId: deaf, ...answer }),
    ];
    await connector.until('/readyz', ({ body }) => body.waiting === waiting.length && body.inFlight === 0);
    const list = async () => {
      const flags = ['--command-topic', topic, '--event-topic', `${topic}-events`, '--output', 'json'];
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [pusherMain, 'list', '--state', 'waiting', ...flags],
        { cwd: tmpdir() },
      );
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line).requestId);
    };
    expect((await list()).sort()).toEqual(waiting.toSorted());
  },
  120_000,
);
