import { createRateLimitedLog } from '@preservarium/backend';
import { startTimer, type Timer } from '@preservarium/concurrency';
import type { CommandMessage } from '@preservarium/core';
import { isSettingsCommand } from '@preservarium/deliverer';
import { clearRetained } from './mqtt-clear-retained.js';
import type { MqttDependencies } from './mqtt-dependencies.js';

/** Commands whose expiry is waited for. */
const maxExpiring = 100_000;
const againMs = 1_000;

/** Takes retained commands away that have ended: the broker would hand them to each later subscriber. */
export interface RetainedCommands {
  /** Returns why the broker must not keep the command; undefined where it may. */
  problemOf(command: CommandMessage): string | undefined;
  /** The broker keeps the command at this topic, in the place of an earlier one. */
  kept(topic: string, command: CommandMessage): void;
  /** Takes a command away from the broker. Resolves soon, also where that fails, which is logged. */
  withdraw(topic: string): Promise<void>;
  close(): void;
}

/** A broker of MQTT 5 drops a command at its expiry by itself; with 3.1.1 the deliverer clears the topic, as long as its process runs. */
export function createRetainedCommands(means: MqttDependencies): RetainedCommands {
  const { protocolVersion, retainExpiring, clock, logger } = means.settings;
  const warnings = createRateLimitedLog(logger);
  const expiring = new Map<string, Timer>();

  function problemOf(command: CommandMessage): string | undefined {
    if (protocolVersion === 5 || command.expiresAt === undefined || isSettingsCommand(command))
      return undefined;
    if (!retainExpiring) {
      return (
        'MQTT 3.1.1 has no expiry: the broker would hand the retained command to later subscribers after it; ' +
        'send it without retain or expiry, or allow it with retainExpiring (MQTT_RETAIN_EXPIRING=true)'
      );
    }
    return expiring.size < maxExpiring ? undefined : `${maxExpiring} retained commands wait for their expiry`;
  }

  function kept(topic: string, { expiresAt }: CommandMessage): void {
    forget(topic);
    if (protocolVersion === 4 && expiresAt !== undefined) clearAt(topic, expiresAt.getTime());
  }

  function clearAt(topic: string, atMs: number): void {
    const timer = startTimer(() => {
      if (atMs > clock()) clearAt(topic, atMs);
      else void clear(topic, timer);
    }, atMs - clock());
    expiring.set(topic, timer.unref());
  }

  /** Until the broker has done it, or something else has the place of the command. */
  async function clear(topic: string, timer: Timer): Promise<void> {
    const result = await clearRetained(topic, means);
    if (expiring.get(topic) !== timer) return;
    if (result.kind === 'retryable') clearAt(topic, clock() + againMs);
    else expiring.delete(topic);
  }

  function forget(topic: string): void {
    expiring.get(topic)?.clear();
    expiring.delete(topic);
  }

  return {
    problemOf,
    kept,
    async withdraw(topic) {
      forget(topic);
      const result = await clearRetained(topic, means);
      if (result.kind === 'delivered') return;
      warnings.warn('the broker keeps a command that has ended', { topic, reason: result.reason });
    },
    close() {
      for (const topic of expiring.keys()) forget(topic);
    },
  };
}
