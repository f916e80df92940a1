// An application in a process of its own, which pushes on request.
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { PusherError } from '@preservarium/core';
import { createPusherService } from '@preservarium/publisher';
import type { PusherAnswer, PusherProgramOptions, PusherRequest } from './pusher-message.js';

const { backend, kafka, commandTopic, waitingTopic } = JSON.parse(
  process.argv[2] ?? '{}',
) as PusherProgramOptions;
const createBackend = backend === 'kafkajs' ? createKafkajsBackend : createRdkafkaBackend;
const service = createPusherService({ backend: createBackend(kafka), commandTopic, waitingTopic });

process.on('message', (request: PusherRequest) => void answer(request));
process.once('disconnect', () => process.exit());

async function answer(request: PusherRequest): Promise<void> {
  const { kind, requestId, deviceId } = request;
  let code: string | undefined;
  try {
    await (kind === 'push' ? push(request) : service.cancelCommand({ requestId, deviceId }));
  } catch (error) {
    code = PusherError.isInstance(error) ? error.code : String(error);
  }
  const answered: PusherAnswer = { kind, requestId, code };
  if (process.connected) process.send?.(answered);
}

/** A device that runs answers sooner, but for a connector or broker that is away. */
const answerWithinMs = 3_000;

function push({
  requestId,
  deviceId,
  expiresAtMs,
  supersedeKey,
  requiredEvidence,
}: Extract<PusherRequest, { kind: 'push' }>) {
  return service.pushCommand({
    requestId,
    deviceId,
    commandType: 'set_led',
    protocol: 'mqtt',
    payload: { on: true },
    requiredEvidence,
    ...(requiredEvidence !== 'gateway' && { answerWithinMs }),
    ...(expiresAtMs !== undefined && { expiresAt: expiresAtMs }),
    ...(supersedeKey !== undefined && { supersedeKey }),
  });
}
