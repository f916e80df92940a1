import { PassThrough } from 'node:stream';
import { silentLogger } from '@preservarium/backend';
import { compileTopicTemplate } from '@preservarium/core';
import type { DeviceReport } from '@preservarium/deliverer';
import type { IPublishPacket } from 'mqtt';
import { expect, test } from 'vitest';
import { createAnswerHandler, maxAnswersInFlight } from './mqtt-answers.js';

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
    const { handleMessage, drain } = createAnswerHandler({ stream: new PassThrough() }, port, {
      responses: compileTopicTemplate('responses', '{deviceId}/{requestId}'),
      reportedSettings: compileTopicTemplate('reportedSettings', 'reported/{deviceId}/settings'),
      presence: compileTopicTemplate('presence', '{deviceId}'),
      presenceField: undefined,
      presentWords: new Set(['online']),
      awayWords: new Set(['offline']),
      maxAnswerBytes: 100,
      logger: silentLogger,
    });
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
    let takenLast = true;
    while (takenLast) {
      takenLast = false;
      handleMessage(answer(), () => {
        takenLast = true;
      });
    }
    expect(reports).toHaveLength(maxAnswersInFlight);
    written.resolve();
    await expect.poll(() => takenLast).toBe(true);
    await drain();
    handleMessage(answer(), () => expect.fail('what comes while it is drained is left to the broker'));
    expect(reports).toHaveLength(maxAnswersInFlight);
  },
);
