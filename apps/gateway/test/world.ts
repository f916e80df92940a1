import { silentLogger } from '@preservarium/backend';
import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import { createCommandFinder, feedCommandStore } from '@preservarium/command-store';
import { createMemoryCommandStore, createMemoryRequestKeys } from '@preservarium/command-store/memory';
import { encodeLifecycleEvent, type LifecycleEvent } from '@preservarium/core';
import { createDeadLetterTopic } from '@preservarium/dead-letters';
import { createPusherService } from '@preservarium/publisher';
import { createSettings } from '@preservarium/settings';
import { createEventLog, createTracker } from '@preservarium/tracking';
import type { InjectOptions } from 'fastify';
import { onTestFinished } from 'vitest';
import { defaultTopicNames } from '../src/asyncapi/describe-topics.js';
import { withoutAuthentication } from '../src/auth/authenticator.js';
import { createAuthorizer } from '../src/auth/authorize.js';
import { findCommandRecord } from '../src/commands/find-command-record.js';
import { createGateway } from '../src/create-gateway.js';
import type { GatewayLimits, GatewayParts } from '../src/gateway-parts.js';
import { createRehearsal } from '../src/routes/rehearsal.js';

const timeoutMs = 5_000;

export interface WorldOptions {
  readonly parts?: Partial<GatewayParts>;
  readonly limits?: Partial<GatewayLimits>;
}

/** A gateway on a Kafka in memory, and a connector that writes events. */
export async function createWorld({ parts = {}, limits = {} }: WorldOptions = {}) {
  const broker = createMemoryBroker();
  const backend = createMemoryBackend({ broker });
  const store = createMemoryCommandStore();
  const feed = await feedCommandStore({ backend, store });
  const tracker = await createTracker({ backend });
  const events = await createEventLog({ backend });
  const service = createPusherService({ backend });
  const stopping = new AbortController();
  const settings = await createSettings({ backend, knowsDevice: () => true });
  const app = createGateway(
    {
      service,
      rehearsal: createRehearsal({ backend }),
      store,
      finder: createCommandFinder({ store, feed, timeoutMs }),
      findRecord: (wanted) =>
        findCommandRecord(backend, wanted, {
          topic: 'device_commands',
          timeoutMs,
          signal: stopping.signal,
        }),
      requestKeys: createMemoryRequestKeys(),
      tracker,
      events,
      settings,
      deadLetters: createDeadLetterTopic(backend, {
        topic: 'device_commands_dead',
        commandTopic: 'device_commands',
        timeoutMs,
        signal: stopping.signal,
      }),
      deviceTypes: [],
      directory: Object.assign(() => undefined, { deviceIds: () => [] }),
      authenticate: withoutAuthentication,
      authorizer: createAuthorizer(undefined),
      topics: defaultTopicNames,
      protocols: [],
      logger: silentLogger,
      stopping: stopping.signal,
      readiness: async () => ({ kafka: true }),
      connectorLags: async () => [],
      serveMetrics: undefined,
      console: { page: '<script nonce="{{nonce}}"></script>', assets: [] },
      ...parts,
    },
    {
      maxBodyBytes: 10_000,
      maxConnections: 100,
      origins: [],
      requestsPerSecond: 1_000,
      openRequests: 1_000,
      pushTimeoutMs: timeoutMs,
      ...limits,
    },
  );
  onTestFinished(async () => {
    await app.close();
    await events.close();
    await feed.close();
    await tracker.close();
    await settings.close();
    await service.close();
  });

  return {
    app,
    backend,
    stopping,
    settings,
    /** Answers with the status, the headers and the body as JSON. */
    async ask(method: NonNullable<InjectOptions['method']>, url: string, more: InjectOptions = {}) {
      const { statusCode: status, headers, payload } = await app.inject({ method, url, ...more });
      return { status, headers, body: payload === '' ? undefined : JSON.parse(payload) };
    },
    /** Commands that are in Kafka. */
    commands: () =>
      backend
        .records('device_commands')
        .map(({ value }) => JSON.parse(String(value)) as Record<string, unknown>),
    async write(...events: readonly LifecycleEvent[]) {
      const records = events.map((event) => ({
        topic: 'device_command_events',
        key: event.deviceId,
        value: encodeLifecycleEvent(event),
      }));
      for (const outcome of await backend.publish(records, { timeoutMs }))
        if (!outcome.ok) throw outcome.error;
    },
  };
}

export const command = { device_id: 'd1', command_type: 'set_led', protocol: 'mqtt', payload: { on: true } };

/** An event of the command `r1` of `d1`. */
export function event(state: LifecycleEvent['state'], more: Partial<LifecycleEvent> = {}): LifecycleEvent {
  return { requestId: 'r1', deviceId: 'd1', commandType: 'set_led', state, timestamp: new Date(), ...more };
}
