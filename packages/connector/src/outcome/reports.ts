import { createRateLimitedLog, type Logger } from '@preservarium/backend';
import type { DeviceReport, ReportOutcome } from '@preservarium/deliverer';
import { answerRecord } from '../ledger/changelog.js';
import type { Ledgers } from '../ledger/ledgers.js';
import type { DeviceScheduler } from '../scheduling/device-scheduler.js';
import type { Appenders } from './appenders.js';
import type { Outcomes } from './outcomes.js';

export interface ReportsDependencies {
  readonly scheduler: Pick<DeviceScheduler, 'answered' | 'reachable'>;
  readonly outcomes: Pick<Outcomes, 'report'>;
  readonly ledgers: Pick<Ledgers, 'serves' | 'partitionOf'>;
  readonly appenders: Pick<Appenders, 'of'>;
  readonly waitingTopic: string;
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
  const { scheduler, outcomes, ledgers, appenders, waitingTopic, clock } = dependencies;
  const warnings = createRateLimitedLog(dependencies.logger);
  return {
    async report(said) {
      const ended = scheduler.answered(said);
      const appender = appenders.of(ledgers.partitionOf(said.deviceId));
      await (ended ?? outcomes.report(said, appender));
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
