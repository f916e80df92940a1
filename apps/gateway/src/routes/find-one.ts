import type { Action, Caller } from '@preservarium/access';
import type { Lifecycle } from '@preservarium/core';
import type { GatewayParts } from '../gateway-parts.js';
import { HttpError } from '../http/problem.js';

export interface CommandInQuestion {
  readonly caller: Caller;
  readonly requestId: string;
  /** Undefined: the one device that has such a command. */
  readonly deviceId?: string | undefined;
  /** The caller must be allowed one of them. Default: to read. */
  readonly actions?: readonly Action[];
}

/**
 * Returns the command with a request id, of one device if it is named. A command that the caller may not see is as one that does not exist: a
 * refusal would tell of it.
 *
 * @throws HttpError 404, and 409 where several devices have such a command
 */
export async function findOne(
  { finder, authorizer }: Pick<GatewayParts, 'finder' | 'authorizer'>,
  { caller, requestId, deviceId, actions = ['read'] }: CommandInQuestion,
): Promise<Lifecycle> {
  const isSeen = (command: Lifecycle) =>
    actions.some((action) => authorizer.allows({ ...requestOf(command), caller, action }));
  const [command, other] = (await finder.find({ requestId, deviceId })).filter(isSeen);
  if (command === undefined) throw unknownCommand(requestId, deviceId);
  if (other !== undefined) throw ambiguous(requestId);
  return command;
}

function requestOf({ deviceId, commandType }: Lifecycle) {
  return { deviceId, commandType: commandType ?? null };
}

function unknownCommand(requestId: string, deviceId: string | undefined): HttpError {
  const of = deviceId === undefined ? '' : ` of device ${JSON.stringify(deviceId)}`;
  const detail = `there is no command ${JSON.stringify(requestId)}${of}`;
  return new HttpError({ status: 404, code: 'NOT_FOUND', detail });
}

function ambiguous(requestId: string): HttpError {
  return new HttpError({
    status: 409,
    code: 'AMBIGUOUS',
    detail: `commands of several devices have the request id ${JSON.stringify(requestId)}: name one with ?device=`,
  });
}
