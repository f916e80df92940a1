import type { JsonValue, PusherError, RequiredEvidence } from '@preservarium/core';

/** Declares the answers of devices, and how long they may take. Implemented by `createCapabilities` of `@preservarium/capabilities`. */
export interface AnswerCapabilities {
  /** Returns why an answer does not fit; undefined if it does. */
  checkResult(answer: {
    readonly deviceId: string;
    readonly commandType: string;
    readonly result: JsonValue | undefined;
  }): PusherError | undefined;

  /**
   * Returns the declaration of a command: the time that the device may take, in milliseconds, and the evidence that ends the command; undefined if there
   * is none.
   */
  find(
    deviceId: string,
    commandType: string,
  ):
    | { readonly timeoutMs?: number | undefined; readonly evidence?: RequiredEvidence | undefined }
    | undefined;
}
