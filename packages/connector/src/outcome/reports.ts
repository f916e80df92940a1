import { createRateLimitedLog, type Logger } from '@preservarium/backend';
import type { DeviceReport, ReportOutcome } from '@preservarium/deliverer';
import { answerRecord } from '../ledger/changelog.js';
import type { Ledgers } from '../ledger/ledgers.js';
import type { DeviceScheduler } from '../scheduling/device-scheduler.js';
import type { Appender } from './appender.js';
import type { Appenders } from './appenders.js';
import { cutReason } from './event-bounds.js';
import type { LifecycleEvents } from './lifecycle-events.js';

export interface ReportsDependencies {
  readonly scheduler: Pick<DeviceScheduler, 'answered' | 'reachable'>;
  readonly events: Pick<LifecycleEvents, 'emit'>;
  readonly ledgers: Pick<Ledgers, 'serves' | 'partitionOf'>;
  readonly appenders: Pick<Appenders, 'of'>;
  readonly waitingTopic: string;
  readonly protocol: string;
  readonly clock: () => number;
  readonly logger: Logger;
}

export interface Reports {
  /** Takes an answer of a device; resolves when Kafka has its event, and the owner of the command can learn of it. */
  report(said: DeviceReport): Promise<void>;
  /** Refuses settings that a device reports: without a store of settings nobody keeps them. */
  reported(deviceId: string): Promise<ReportOutcome>;
}

/** Takes what devices report, on whichever connector they report it. */
export function createReports(dependencies: ReportsDependencies): Reports {
  const { scheduler, events, ledgers, appenders, waitingTopic, protocol, clock } = dependencies;
  const warnings = createRateLimitedLog(dependencies.logger);

  async function emit({ state, headers: _, ...said }: DeviceReport, appender: Appender): Promise<void> {
    const evidence = state === 'delivered' ? 'device' : 'executed';
    const reason = cutReason(said.reason);
    const timestamp = new Date(clock());
    await events.emit({ ...said, reason, protocol, state, evidence, timestamp }, appender);
  }

  return {
    async report(said) {
      const ended = scheduler.answered(said);
      const appender = appenders.of(ledgers.partitionOf(said.deviceId));
      await (ended ?? emit(said, appender));
      // The owner of the command learns of the answer when its event is in Kafka.
      if (ended === undefined && !ledgers.serves(said.deviceId)) {
        await appender.append(answerRecord(waitingTopic, said, new Date(clock())));
      }
    },
    async reported(deviceId) {
      scheduler.reachable(deviceId);
      const reason = 'this connector keeps no settings';
      warnings.warn('a report of settings was refused', { deviceId, reason });
      return { kind: 'refused', reason };
    },
  };
}
