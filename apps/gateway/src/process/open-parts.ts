import { createMissingTopics, type Logger, silentLogger } from '@preservarium/backend';
import { createBackend } from '@preservarium/command-line';
import { openRequestKeys, openStore, topicPolicyOf } from '@preservarium/command-line/application';
import { openSigner, openTrust } from '@preservarium/command-line/signing';
import { type CatchUpOptions, createCommandFinder, untilCaughtUp } from '@preservarium/command-store';
import { createDeadLetterTopic } from '@preservarium/dead-letters';
import { createPusherService } from '@preservarium/publisher';
import { createSettings } from '@preservarium/settings';
import { createEventLog, createTracker } from '@preservarium/tracking';
import { findCommandRecord } from '../commands/find-command-record.js';
import { feedOptionsOf } from '../feed/feed-options.js';
import { startFeed } from '../feed/start-feed.js';
import type { GatewayParts } from '../gateway-parts.js';
import { readConsole } from '../http/console-files.js';
import { lagsOf } from '../overview/connector-group.js';
import { createRehearsal } from '../routes/rehearsal.js';
import { forgetOldKeys } from './forget-old-keys.js';
import { openAccess } from './open-access.js';
import { openDeviceTypes } from './open-device-types.js';
import { openTogether } from './open-together.js';
import type { GatewayOptions } from './read-options.js';
import { watchReadiness } from './watch-readiness.js';

/** The parts of the gateway, open. */
export interface OpenParts extends Omit<GatewayParts, 'serveMetrics'>, AsyncDisposable {
  /** Rejects when the gateway cannot go on. */
  readonly failed: Promise<never>;
}

/** Opens the parts in the order of their dependencies; they are closed in the reverse order. */
export async function openParts(
  { kafka, gateway, commands, signing }: GatewayOptions,
  { logger, stopping }: { readonly logger: Logger; readonly stopping: AbortSignal },
): Promise<OpenParts> {
  const { capabilities, deviceTypes, directory } = openDeviceTypes(gateway, logger);
  const { policy, ...access } = openAccess(gateway, { typeOf: directory, logger });
  const sign = openSigner(signing, logger);
  const signatures = openTrust(signing, { policy, logger });
  const timeoutMs = gateway.GATEWAY_START_TIMEOUT_MS;
  await using opened = new AsyncDisposableStack();
  const backend = await createBackend({ ...kafka, logger });
  opened.defer(() => backend.close({ timeoutMs: 10_000 }));
  await backend.connect({ timeoutMs });
  await createEventTopic(backend, kafka);
  const store = opened.use(await openStore(gateway.COMMAND_STORE_URL, logger));
  const requestKeys = opened.use(await openRequestKeys(gateway.COMMAND_STORE_URL, logger));
  opened.use(forgetOldKeys(requestKeys, logger));
  const topicPolicy = topicPolicyOf(commands);
  const { groupId, commandTopics, eventsTopic } = feedOptionsOf({ kafka });
  const { feed, tracker, events, settings } = await openTogether(opened, {
    feed: startFeed(),
    tracker: createTracker({ backend, eventsTopic, logger }),
    events: createEventLog({ backend, eventsTopic, logger }),
    settings: createSettings({
      backend,
      settingsTopic: kafka.settingsTopic,
      reportedTopic: kafka.reportedSettingsTopic,
      commandTopic: kafka.commandTopic,
      topicPolicy,
      sign,
      signatures,
      ...(capabilities && { capabilities }),
      timeoutMs,
      logger,
    }),
  });
  const pushing = {
    backend,
    commandTopic: kafka.commandTopic,
    settingsTopic: kafka.settingsTopic,
    waitingTopic: kafka.waitingTopic,
    protocols: commands.PUSHER_PROTOCOLS,
    topicPolicy,
    sign,
    ...(capabilities && { capabilities }),
    timeoutMs: gateway.GATEWAY_PUSH_TIMEOUT_MS,
    logger,
  };
  const service = opened.use(createPusherService(pushing));
  const topics = [eventsTopic, ...commandTopics].map((topic) => ({ topic }));
  const catchingUp = {
    untilCaughtUp: (options: CatchUpOptions) =>
      untilCaughtUp({ ...options, backend, store, topics, groupId, closed: feed.closed }),
  };
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  for (const { closed } of [feed, events, settings]) closed.catch(failed.reject);
  const closing = opened.move();
  return {
    service,
    rehearsal: createRehearsal({ ...pushing, logger: silentLogger }),
    store,
    finder: createCommandFinder({ store, feed: catchingUp, timeoutMs: gateway.GATEWAY_PUSH_TIMEOUT_MS }),
    findRecord: (command) =>
      findCommandRecord(backend, command, {
        topic: kafka.commandTopic,
        timeoutMs: gateway.GATEWAY_PUSH_TIMEOUT_MS,
        signal: stopping,
      }),
    requestKeys,
    tracker,
    events,
    settings,
    deadLetters: createDeadLetterTopic(backend, {
      topic: kafka.deadLetterTopic,
      commandTopic: kafka.commandTopic,
      sign,
      timeoutMs: gateway.GATEWAY_PUSH_TIMEOUT_MS,
      signal: stopping,
    }),
    deviceTypes,
    directory,
    ...access,
    console: readConsole(),
    stopping,
    topics: kafka,
    protocols: commands.PUSHER_PROTOCOLS,
    logger,
    readiness: watchReadiness({ store, feed: { ...feed, ...catchingUp }, topic: eventsTopic }),
    connectorLags: () => lagsOf(backend, kafka.commandTopic, gateway.GATEWAY_CONNECTOR_GROUPS),
    failed: failed.promise,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Connectors create it too; a gateway that starts before any of them needs it as well. */
async function createEventTopic(
  backend: Awaited<ReturnType<typeof createBackend>>,
  { commandTopic, eventTopic }: GatewayOptions['kafka'],
): Promise<void> {
  const partitions = (await backend.listTopics()).find(({ topic }) => topic === commandTopic)?.partitions;
  if (partitions === undefined) return;
  await createMissingTopics(backend, [{ topic: eventTopic, partitions }]);
}
