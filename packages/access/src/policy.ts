import type { JsonObject } from '@preservarium/core';
import type { Caller } from './caller.js';

/** Kinds of requests that a policy tells apart. */
export const actions = ['read', 'push', 'cancel', 'redrive'] as const;
export type Action = (typeof actions)[number];

/** A request, as a policy sees it. */
export interface AccessRequest {
  readonly caller: Caller;
  readonly action: Action;
  /** Undefined for a request that is about no device, such as the list of device types. */
  readonly deviceId?: string | undefined;
  /** The command type, for a command; null for a command of an unknown type, which a rule that names command types or settings does not allow. */
  readonly commandType?: string | null | undefined;
  /** The names of the settings, for settings. A command of the type `settings` has those of its payload, and without a payload any. */
  readonly settings?: readonly string[] | undefined;
  /** The payload of a command that is pushed. */
  readonly payload?: JsonObject | undefined;
}

export type Decision =
  | { readonly allowed: true; readonly rule: string }
  /** `reason` says which rule came closest, and what it does not allow. */
  | { readonly allowed: false; readonly reason: string };

/** Decides who may do what. Everything that no rule allows is refused. */
export interface Policy {
  decide(request: AccessRequest): Decision;
  /**
   * Returns a text that is another one as soon as a rule is, and the same one in every process with the same rules. Undefined where decisions depend on
   * more than the request and the rules.
   */
  identity?(): string | undefined;
}
