import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { applyMergePatch, type JsonObject } from '@preservarium/core';
import { settingsCommandType } from '@preservarium/deliverer';
import type { DeviceLink } from './device-link.js';

/** The questions for the device. */
interface Trial {
  readonly deviceId: string;
  readonly commandType: string;
  readonly payload: JsonObject;
  /** Desired settings; without them they are not tried. */
  readonly settings?: JsonObject | undefined;
  /** How long the device may take to go away and come back, in milliseconds; without it the return is not tried. */
  readonly returnWithinMs?: number | undefined;
  /** Asks the person at the device for something. */
  tell(request: string): void;
}

export interface Verdict {
  readonly outcome: 'pass' | 'fail' | 'skip';
  /** The observation; for a failure also the remedy. */
  readonly detail: string;
}

export interface Check {
  readonly name: string;
  run(link: DeviceLink, trial: Trial): Promise<Verdict>;
}

const pass = (detail: string): Verdict => ({ outcome: 'pass', detail });
const fail = (detail: string): Verdict => ({ outcome: 'fail', detail });
const skip = (detail: string): Verdict => ({ outcome: 'skip', detail });

/** How long the broker takes at most to give what it has retained, in milliseconds. */
const retainedMs = 2_000;
const expiredForMs = 30_000;

/** The checks in their order: what the contract asks of a device over MQTT. `docs/devices.md` explains each. */
export const checks: readonly Check[] = [
  { name: 'answers', run: answers },
  { name: 'repeats', run: repeats },
  { name: 'expiry', run: expiry },
  { name: 'settings', run: settings },
  { name: 'presence', run: presence },
  { name: 'return', run: returns },
];

async function answers(link: DeviceLink, trial: Trial): Promise<Verdict> {
  const message = newCommand(trial);
  const sent = await link.send(message);
  if (sent.kind !== 'delivered') return fail(`the command did not arrive: ${sent.reason}`);
  const end = await link.end(message.requestId);
  if (end === undefined) {
    return fail(
      'no answer with a final status: publish {"status":"succeeded"}, "failed" or "rejected" to the response topic of the message',
    );
  }
  return pass(`${trial.commandType} ended as ${describe(end)}`);
}

async function repeats(link: DeviceLink, trial: Trial): Promise<Verdict> {
  const message = newCommand(trial);
  await link.send(message);
  const first = await link.end(message.requestId);
  if (first === undefined) return skip('the first time was not answered');
  await link.send({ ...message, mayBeRepeat: true });
  const second = await link.end(message.requestId);
  if (second === undefined) {
    return fail(
      'a repeat was not answered: answer a request id that was executed already with its answer, without executing it again',
    );
  }
  return second.state === first.state
    ? pass(`the same request id was answered again as ${describe(second)}`)
    : fail(
        `the same request id ended as ${describe(first)}, then as ${describe(second)}: repeat the first answer`,
      );
}

async function expiry(link: DeviceLink, trial: Trial): Promise<Verdict> {
  const live = newCommand(trial);
  await link.send(live);
  if ((await link.end(live.requestId))?.state !== 'succeeded') {
    return skip('--type and --payload must be a command that the device executes');
  }
  const expiresAt = new Date(Date.now() - expiredForMs);
  const message = { ...newCommand(trial), expiresAt };
  const sent = await link.send(message);
  if (sent.kind !== 'delivered') return skip(`the command did not arrive: ${sent.reason}`);
  const end = await link.end(message.requestId);
  if (end === undefined) return pass('an expired command was not answered');
  return end.state === 'rejected'
    ? pass(`an expired command ended as ${describe(end)}`)
    : fail(
        `a command that had expired at ${expiresAt.toISOString()} ended as ${describe(end)}: compare the user property expires_at with the clock, and answer "rejected"`,
      );
}

async function settings(link: DeviceLink, { settings: desired }: Trial): Promise<Verdict> {
  if (desired === undefined) return skip('--settings gives settings to try');
  const sent = await link.send({
    requestId: randomUUID(),
    commandType: settingsCommandType,
    payload: desired,
  });
  if (sent.kind !== 'delivered') return fail(`the settings did not arrive: ${sent.reason}`);
  const has = (reported: JsonObject) => isDeepStrictEqual(applyMergePatch(reported, desired), reported);
  const reported = await link.reported(has);
  if (reported === undefined) {
    return fail('no settings were reported: publish them as a JSON object to the topic of reported settings');
  }
  return has(reported)
    ? pass(`reported ${JSON.stringify(desired)}`)
    : fail(`reported ${JSON.stringify(reported)}, which lacks a part of ${JSON.stringify(desired)}`);
}

async function presence(link: DeviceLink): Promise<Verdict> {
  return (await link.isSaid('present', retainedMs))
    ? pass('the presence topic says that the device is online')
    : fail(
        'nothing retained on the presence topic: publish "online" there, retained, with "offline" as the will, so that waiting commands go out at the return',
      );
}

async function returns(link: DeviceLink, trial: Trial): Promise<Verdict> {
  const { returnWithinMs, deviceId } = trial;
  if (returnWithinMs === undefined) return skip('--return-within gives time to turn the device off and on');
  trial.tell(`turn ${deviceId} off, or cut its connection`);
  if (!(await link.isSaid('away', returnWithinMs)))
    return fail('the presence topic never said that the device is offline: set the will of its connection');
  trial.tell(`turn ${deviceId} on again`);
  if (!(await link.isSaid('present', returnWithinMs))) return fail('the device did not say that it is back');
  const verdict = await answers(link, trial);
  return verdict.outcome === 'pass' ? pass(`after its return, ${verdict.detail}`) : verdict;
}

function newCommand({ commandType, payload }: Trial) {
  return { requestId: randomUUID(), commandType, payload };
}

function describe({ state, reason }: { readonly state: string; readonly reason?: string }): string {
  return reason === undefined ? state : `${state} (${reason})`;
}
