import { TopicUnknownError } from '@preservarium/core';
import { createPusherService } from '@preservarium/publisher';
import { type CommonOptions, readOptions } from '../common-options.js';
import { readSigner, type SigningOptions } from '../signer.js';
import { withBackend } from '../with-backend.js';
import { waitingCommandsOf } from './waiting-commands-of.js';

/**
 * Asks the connectors to cancel all commands of the device that wait, so that nothing of them stays in their ledgers. Returns how many.
 *
 * @param known request ids of other commands of the device that may still wait
 */
export async function cancelAllOf(
  deviceId: string,
  known: Iterable<string>,
  options: CommonOptions & SigningOptions,
  signal: AbortSignal,
): Promise<number> {
  const settings = readOptions(options);
  const { timeout: timeoutMs } = options;
  const { waitingTopic } = settings;
  let count = 0;
  await withBackend(settings, async (backend) => {
    await backend.connect({ timeoutMs, signal });
    const waiting = await waitingCommandsOf(backend, deviceId, { topic: waitingTopic, timeoutMs, signal });
    const service = createPusherService({ backend, waitingTopic, sign: readSigner(options) });
    for (const requestId of new Set([...waiting, ...known])) {
      await service.cancelCommand({ deviceId, requestId }, { timeoutMs, signal });
      count++;
    }
  }).catch(passWithoutTopic);
  return count;
}

/** No connector has run yet, so none has a ledger. */
function passWithoutTopic(error: unknown): void {
  if (!TopicUnknownError.isInstance(error)) throw error;
}
