import type { Deployment } from './deployment.js';
import { type Finding, fail, warn } from './finding.js';

/** As far may the clock of a signer be ahead. */
const maxAheadMs = 60_000;

/** Checks signatures. */
export function checkSignatures({ commands, kafka }: Deployment): readonly Finding[] {
  const { read, signed } = commands;
  if (signed === read) return [];
  const subject = `topic ${kafka.commandTopic}`;
  const what =
    signed === 0 ? 'nothing is signed' : `${read - signed} of the last ${read} records are not signed`;
  return [
    warn({
      subject,
      what,
      why: 'each writer of the topic can command each device, and a copy of an old record is a command again',
      run: 'pusher signing create; then the steps of docs/security.md',
    }),
  ];
}

/** Checks the clocks of those who push against that of this machine. */
export function checkClocks({ commands, kafka, nowMs }: Deployment): readonly Finding[] {
  const aheadMs = commands.newestMs - nowMs;
  if (aheadMs <= maxAheadMs) return [];
  return [
    fail({
      subject: `topic ${kafka.commandTopic}`,
      what: `its newest record was written ${Math.round(aheadMs / 1_000)} s from now`,
      why: 'the clock of an application or of this machine is wrong: commands expire early or late, and signatures are refused',
      run: 'chronyc tracking, or timedatectl, on the machines of the applications and on this one',
    }),
  ];
}
