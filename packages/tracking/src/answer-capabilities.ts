import type { JsonValue, PusherError } from '@preservarium/core';

/** Says what devices are declared to answer, and how soon. `createCapabilities` of `@preservarium/capabilities` does. */
export interface AnswerCapabilities {
  /** What is wrong with what a device answered; undefined where it fits. */
  checkResult(answer: {
    readonly deviceId: string;
    readonly commandType: string;
    readonly result: JsonValue | undefined;
  }): PusherError | undefined;

  /** How long the device may take to answer, in milliseconds; undefined where nothing is declared. */
  find(deviceId: string, commandType: string): { readonly timeoutMs?: number | undefined } | undefined;
}
