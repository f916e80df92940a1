import type { Contestant } from './contestant.js';
import { kafkajsPushCommand } from './contestants/kafkajs-push-command.js';
import { kafkajsSendEach } from './contestants/kafkajs-send-each.js';
import { nodeRdkafkaDeliveryReport } from './contestants/node-rdkafka-delivery-report.js';
import { rdkafkaPushCommands } from './contestants/rdkafka-push-commands.js';

/** Ours against the same client by hand. */
export interface Comparison {
  readonly ours: Contestant;
  readonly byHand: Contestant;
  /** How many times as fast ours shall be. */
  readonly target: number;
  readonly commands: number;
  readonly quickCommands: number;
}

export const comparisons: readonly Comparison[] = [
  {
    ours: rdkafkaPushCommands,
    byHand: nodeRdkafkaDeliveryReport,
    target: 1.5,
    commands: 200_000,
    quickCommands: 20_000,
  },
  {
    ours: kafkajsPushCommand,
    byHand: kafkajsSendEach,
    target: 5,
    commands: 20_000,
    quickCommands: 4_000,
  },
];
