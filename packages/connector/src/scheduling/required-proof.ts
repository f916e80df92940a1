import { type CommandMessage, isEnoughEvidence, type RequiredEvidence } from '@preservarium/core';
import { type DeviceReport, isSettingsCommand } from '@preservarium/deliverer';
import type { Conclusion } from '../outcome/conclusion.js';

export interface ProofOptions {
  /**
   * The evidence that ends commands that name none, but for those that bring settings: devices report these by themselves. Default `gateway`: what the
   * protocol proves by itself.
   */
  readonly evidence?: RequiredEvidence;
  /** How long a device may take to answer an attempt, for commands that do not say it, in milliseconds. Default 30,000. */
  readonly answerWithinMs?: number;
}

/** The evidence that commands require of their devices. */
export interface RequiredProof {
  /** Returns true if the command requires an answer of its device, and this one is enough. */
  endsBy(command: CommandMessage, report: ReportProof): boolean;
  isEnough(command: CommandMessage, evidence: RequiredEvidence): boolean;
  answerWithinMs(command: CommandMessage): number;
}

export function createRequiredProof(options: ProofOptions): RequiredProof {
  const { evidence = 'gateway', answerWithinMs = 30_000 } = options;

  function requiredOf(command: CommandMessage): RequiredEvidence {
    if (command.requiredEvidence !== undefined || evidence === 'gateway')
      return command.requiredEvidence ?? evidence;
    return isSettingsCommand(command) ? 'gateway' : evidence;
  }

  return {
    endsBy(command, report) {
      const required = requiredOf(command);
      return required !== 'gateway' && isEnoughEvidence(report.evidence, required);
    },
    isEnough(command, given) {
      const required = requiredOf(command);
      return required === 'gateway' || isEnoughEvidence(given, required);
    },
    answerWithinMs: (command) => command.answerWithinMs ?? answerWithinMs,
  };
}

/** Returns how a command ends by the report of its device. */
export function conclusionOf({ state, reason, result }: DeviceReport): Conclusion & ReportProof {
  return {
    state,
    evidence: state === 'delivered' ? 'device' : 'executed',
    result,
    ...(reason !== undefined && { reason }),
  };
}

interface ReportProof {
  readonly evidence: 'device' | 'executed';
}
