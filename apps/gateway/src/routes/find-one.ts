import type { CommandFinder } from '@preservarium/command-store';
import type { Lifecycle } from '@preservarium/core';
import { HttpError } from '../http/problem.js';

/**
 * Returns the command with a request id, of one device if it is named.
 *
 * @throws HttpError 404, and 409 where several devices have such a command
 */
export async function findOne(
  finder: CommandFinder,
  requestId: string,
  deviceId: string | undefined,
): Promise<Lifecycle> {
  const [command, other] = await finder.find({ requestId, deviceId });
  if (command === undefined) throw unknownCommand(requestId, deviceId);
  if (other !== undefined) throw ambiguous(requestId);
  return command;
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
