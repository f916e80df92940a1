import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConnectorPort, DeliveryResult, ObstacleToSending } from '@preservarium/deliverer';
import type { CoapAcknowledgement } from './coap-acknowledgement.js';
import type { CommandAnswer } from './coap-command-answer.js';
import { createRecentAcknowledgements } from './coap-recent-acknowledgements.js';

/** The commands that were handed to this deliverer and that their devices have yet to acknowledge; one for each device. */
export interface Unacknowledged {
  /**
   * The result of a command that its device acknowledged after an earlier delivery was given up: it is not sent again. An acknowledgement
   * from before the command was ever sent counts for nothing.
   */
  takeLate(
    deviceId: string,
    command: Pick<CommandAnswer, 'requestId' | 'mayBeRepeat'>,
  ): DeliveryResult | undefined;
  /** Resolves with what the device says, which may be never. */
  add(deviceId: string, outgoing: OutgoingAnswer): Promise<DeliveryResult>;
  /** Forgets the command if it is still there. */
  remove(deviceId: string, outgoing: OutgoingAnswer): void;
  /**
   * The command as it is to be sent: marked as a repeat from the second time on. Undefined where there is none, or an obstacle, with which the
   * command ends here.
   */
  toSend(deviceId: string): CommandAnswer | undefined;
  /** The command as it was sent last; undefined as above. */
  sent(deviceId: string): CommandAnswer | undefined;
  /** Takes what a device says about any of its commands. Resolves with whether the connector has it. */
  acknowledge(deviceId: string, requestId: string, said: CoapAcknowledgement): Promise<boolean>;
}

/** A command to send, and what may come up before it is sent. */
export interface OutgoingAnswer {
  readonly answer: CommandAnswer;
  readonly obstacle: () => ObstacleToSending | undefined;
}

interface Entry {
  readonly outgoing: OutgoingAnswer;
  readonly settle: (result: DeliveryResult) => void;
  answer: CommandAnswer;
  wasSent: boolean;
}

const maxReportsUnderWay = 1_000;

export function createUnacknowledged(connector: ConnectorPort): Unacknowledged {
  const entries = new Map<string, Entry>();
  // A device may acknowledge a command with every request, until it is given the next one.
  const inTime = createRecentAcknowledgements();
  const late = createRecentAcknowledgements();
  let reportsUnderWay = 0;

  function sendable(deviceId: string): Entry | undefined {
    const entry = entries.get(deviceId);
    const obstacle = entry?.outgoing.obstacle();
    if (obstacle === undefined) return entry;
    entries.delete(deviceId);
    entry?.settle(obstacle);
    return undefined;
  }

  /** If the command waits, its next delivery ends with what the device says now. */
  async function endLate(deviceId: string, requestId: string, said: CoapAcknowledgement): Promise<void> {
    late.add(deviceId, requestId, said);
    if (connector.reachable(deviceId)) await nextTurn();
    else late.remove(deviceId);
  }

  return {
    takeLate(deviceId, { requestId, mayBeRepeat }) {
      const said = late.get(deviceId, requestId);
      if (said === undefined) return undefined;
      late.remove(deviceId);
      return mayBeRepeat ? toResult(said) : undefined;
    },
    add(deviceId, outgoing) {
      const { promise, resolve } = Promise.withResolvers<DeliveryResult>();
      entries.set(deviceId, { outgoing, settle: resolve, answer: outgoing.answer, wasSent: false });
      return promise;
    },
    remove(deviceId, outgoing) {
      if (entries.get(deviceId)?.outgoing === outgoing) entries.delete(deviceId);
    },
    toSend(deviceId) {
      const entry = sendable(deviceId);
      if (entry?.wasSent) entry.answer = { ...entry.answer, mayBeRepeat: true };
      if (entry !== undefined) entry.wasSent = true;
      return entry?.answer;
    },
    sent: (deviceId) => sendable(deviceId)?.answer,
    async acknowledge(deviceId, requestId, said) {
      const entry = entries.get(deviceId);
      if (entry?.answer.requestId === requestId) {
        entries.delete(deviceId);
        inTime.add(deviceId, requestId, said);
        entry.settle(toResult(said));
        if (said.state === 'delivered' || said.state === 'rejected') return true;
        // The connector says first that the command is delivered, and then how it ended.
        await nextTurn();
      } else if (inTime.get(deviceId, requestId) === undefined) {
        await endLate(deviceId, requestId, said);
      } else if (said.state === 'delivered') {
        return true;
      }
      if (reportsUnderWay >= maxReportsUnderWay) return false;
      reportsUnderWay++;
      await connector.report({ deviceId, requestId, ...said });
      reportsUnderWay--;
      return true;
    },
  };
}

function toResult({ state, ...said }: CoapAcknowledgement): DeliveryResult {
  if (state === 'rejected') return { kind: 'rejected', reason: said.reason ?? 'the device rejected it' };
  if (state !== 'delivered') return { kind: 'delivered', evidence: 'device' };
  return { kind: 'delivered', evidence: 'device', ...said };
}
