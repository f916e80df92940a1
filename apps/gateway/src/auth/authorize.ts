import type { AccessRequest, Policy } from '@preservarium/access';
import { HttpError } from '../http/problem.js';

/** Checks requests by the policy, if there is one: without a policy, every caller may do everything. */
export interface Authorizer {
  /** @throws HttpError 403 with the reason */
  assert(request: AccessRequest): void;
  /** Returns whether the caller may see it. */
  allows(request: AccessRequest): boolean;
}

export function createAuthorizer(policy: Policy | undefined): Authorizer {
  return {
    assert(request) {
      const decision = policy?.decide(request);
      if (decision === undefined || decision.allowed) return;
      const detail = `the policy does not allow this: ${decision.reason}`;
      throw new HttpError({ status: 403, code: 'FORBIDDEN', detail });
    },
    allows: (request) => policy?.decide(request).allowed ?? true,
  };
}
