import { PassThrough } from 'node:stream';
import { silentLogger } from '@preservarium/backend';
import { compileTopicTemplate } from '@preservarium/core';
import type { DeviceReport } from '@preservarium/deliverer';
import type { IPublishPacket } from 'mqtt';
import { expect, test } from 'vitest';
import { createAnswerHandler, maxAnswersInFlight } from './mqtt-answers.js';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

const settings = {
  responses: compileTopicTemplate('responses', '{deviceId}/{requestId}'),
  reportedSettings: compileTopicTemplate('reportedSettings', 'reported/{deviceId}/settings'),
  presence: compileTopicTemplate('presence', '{deviceId}'),
  presenceField: undefined,
  presentWords: new Set(['online']),
  awayWords: new Set(['offline']),
  maxAnswerBytes: 100,
  logger: silentLogger,
};

test.each([0, 1] as const)(
  'with QoS %i, no more than a bounded number is reported at a time',
  async (qos) => {
    const reports: DeviceReport[] = [];
    const written = Promise.withResolvers<void>();
    const port = {
      reachable: () => false,
      report(report: DeviceReport) {
        reports.push(report);
        return written.promise;
      },
      reported: async () => ({ kind: 'kept' as const }),
    };
    const { handleMessage, drain } = createAnswerHandler({ stream: new PassThrough() }, port, settings);
    let sent = 0;
    const answer = (): IPublishPacket => {
      sent += 1;
      const topic = `pump/r${sent}`;
      return {
        cmd: 'publish',
        topic,
        payload: Buffer.alloc(0),
        qos,
        messageId: sent,
        dup: false,
        retain: false,
      };
    };
    // As mqtt.js does: the next comes when the last is taken.
    let isSending = true;
    let takenLast = false;
    function send(): void {
      if (isSending) handleMessage(answer(), send);
      else takenLast = true;
    }
    send();
    await expect.poll(() => reports.length).toBe(maxAnswersInFlight);
    isSending = false;
    await nextTurn();
    expect(takenLast).toBe(false);
    written.resolve();
    await expect.poll(() => takenLast).toBe(true);
    await drain();
    handleMessage(answer(), () => expect.fail('what comes while it is drained is left to the broker'));
    expect(reports).toHaveLength(maxAnswersInFlight);
  },
);

test('the event loop goes on between messages that came together', async () => {
  let turns = 0;
  const seenTurns: number[] = [];
  const port = {
    reachable: () => false,
    report: async () => {},
    async reported() {
      seenTurns.push(turns);
      const endsAtMs = performance.now() + 11;
      while (performance.now() < endsAtMs) {
        // As a merge into a large document does: the event loop stands still.
      }
      setImmediate(() => {
        turns += 1;
      });
      return { kind: 'kept' as const };
    },
  };
  const { handleMessage } = createAnswerHandler({ stream: new PassThrough() }, port, settings);
  const report = { topic: 'reported/d1/settings', payload: Buffer.from('{}') };
  const packet = { cmd: 'publish', qos: 0, dup: false, retain: false, ...report } as const;
  for (let sent = 0; sent < 3; sent++) {
    await new Promise<void>((resolve) => handleMessage(packet, () => resolve()));
  }
  expect(seenTurns).toEqual([0, 1, 2]);
});
