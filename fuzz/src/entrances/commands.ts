import { encodeCommand, parseCommand } from '@preservarium/core';
import type { Scene } from '../scene.js';

/** Many: a device that answers badly is left alone for a while. */
const deviceCount = 5_000;
export const batchSize = 100;

/** Pushes commands to devices of a protocol, one batch after another, until the signal. */
export async function pushCommands(
  { producer, topics }: Scene,
  { protocol, signal }: { readonly protocol: 'http' | 'coap'; readonly signal: AbortSignal },
  pauseAfterBatch: () => Promise<void>,
): Promise<void> {
  for (let pushed = 0; !signal.aborted; pushed += batchSize) {
    const messages = Array.from({ length: batchSize }, (_, index) => {
      const deviceId = `device-${(pushed + index) % deviceCount}`;
      const expiresAt = new Date(Date.now() + 20_000);
      const command = parseCommand({
        deviceId,
        commandType: 'set_led',
        protocol,
        payload: { index },
        expiresAt,
      });
      return { key: deviceId, value: Buffer.from(encodeCommand(command)) };
    });
    await producer.send({ topic: topics.commands, messages });
    await pauseAfterBatch();
  }
}
