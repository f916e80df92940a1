import { ValidationError } from '../errors/validation-error.js';

/** Runs a check of an input. An error that a getter or a proxy in the input throws becomes a ValidationError. */
export function refuseUnreadable<Result>(what: string, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    if (ValidationError.isInstance(error)) throw error;
    const message = 'could not be read: a getter or a proxy in it throws';
    throw new ValidationError(what, [{ path: '', message }], { cause: error });
  }
}
