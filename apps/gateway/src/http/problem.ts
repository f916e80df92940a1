import { CapabilityError, PusherError, ValidationError, type ValidationIssue } from '@preservarium/core';

/** An error as RFC 9457 has it, with the code of `docs/errors.md`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** True if the same request may succeed later. */
  readonly retryable: boolean;
  /** The places of a wrong input. */
  readonly issues?: readonly ValidationIssue[];
}

/** A failure of a request, with its HTTP status. Routes throw it for what no package reports. */
export class HttpError extends Error {
  readonly problem: Problem;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    fields: Pick<Problem, 'status' | 'code' | 'detail'> & { readonly issues?: readonly ValidationIssue[] },
    options: { readonly retryAfterSeconds?: number } = {},
  ) {
    super(fields.detail);
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.problem = problemOf({ ...fields, retryable: options.retryAfterSeconds !== undefined });
  }
}

/** The status of each code; any other one is 500: the operator has to act. */
const statusOf: Readonly<Record<string, number>> = {
  ABORTED: 503,
  BACKEND_UNAVAILABLE: 503,
  CAPABILITY_MISMATCH: 422,
  CLOSED: 503,
  COMMAND_FAILED: 409,
  MESSAGE_TOO_LARGE: 413,
  PUBLISH_TIMED_OUT: 504,
  QUEUE_FULL: 503,
  REQUEST_CONFLICT: 409,
  SETTINGS_CONFLICT: 412,
  STORE_UNAVAILABLE: 503,
  VALIDATION_FAILED: 400,
};

/** Seconds after which a request that failed for a passing reason is worth another try. */
const retryAfterSeconds = 1;

/** Returns the answer to a request that failed with a coded error. */
function httpErrorOf(error: PusherError): HttpError {
  const status = statusOf[error.code] ?? 500;
  const isPassing = error.retryable || status === 503;
  return new HttpError(
    { status, code: error.code, ...withWireNames(error) },
    isPassing ? { retryAfterSeconds } : {},
  );
}

/** Fields of commands that are refused after they were read, by their names in TypeScript. */
const wireNames: Readonly<Record<string, string>> = { deviceId: 'device_id', expiresAt: 'expires_at' };

/** Returns what is said of an error, with the names that clients use. */
function withWireNames(error: PusherError): Pick<Problem, 'detail' | 'issues'> {
  if (!ValidationError.isInstance(error) && !CapabilityError.isInstance(error))
    return { detail: error.message };
  let detail = error.message;
  if (!detail.startsWith('invalid command: ')) return { detail, issues: error.issues };
  const issues = error.issues.map((issue) => {
    const path = wireNames[issue.path] ?? issue.path;
    detail = detail.replace(` ${issue.path}: `, ` ${path}: `);
    return { ...issue, path };
  });
  return { detail, issues };
}

/** Returns the answer to any failure of a request; the message of an unknown one stays inside. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (PusherError.isInstance(error)) return httpErrorOf(error);
  return new HttpError({
    status: 500,
    code: 'UNEXPECTED',
    detail: 'the gateway failed; its log has the reason',
  });
}

function problemOf(fields: Omit<Problem, 'type' | 'title'>): Problem {
  const { code } = fields;
  const title = code.toLowerCase().replaceAll('_', ' ');
  return { type: `urn:preservarium:pusher:${code.toLowerCase().replaceAll('_', '-')}`, title, ...fields };
}
