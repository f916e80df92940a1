import { PusherError } from '@preservarium/core';

/** The code of the error with which a push ends; `ok` where it does not. */
export async function codeOf(push: Promise<unknown>): Promise<string> {
  try {
    await push;
    return 'ok';
  } catch (error) {
    if (PusherError.isInstance(error)) return error.code;
    throw error;
  }
}
