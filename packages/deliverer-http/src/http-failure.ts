import type { DeliveryResult } from '@preservarium/deliverer';
import { errors } from 'undici';
import { AnswerBrokeOffError } from './http-exchange.js';
import { NotSentError } from './http-last-look.js';

/** Something answered, but not as HTTP has it. */
const brokenAnswers = [AnswerBrokeOffError, errors.HTTPParserError, errors.HeadersOverflowError];

/** Returns the result of an exchange that ended without a complete response. */
export function failureToResult(error: unknown, origin: string): DeliveryResult {
  // Undici was given something that cannot be sent, and sent nothing.
  if (error instanceof errors.InvalidArgumentError) return { kind: 'rejected', reason: error.message };
  if (error instanceof NotSentError) return error.obstacle;
  const answered = brokenAnswers.some((brokenAnswer) => error instanceof brokenAnswer);
  return {
    kind: 'retryable',
    reason: answered
      ? `${origin} gave no whole answer: ${messageOf(error)}`
      : `cannot reach ${origin}: ${messageOf(error)}`,
    unreachable: !answered,
  };
}

/** The causes are where undici's message says nothing; of several addresses tried, all. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message || error.name;
  if (error instanceof AggregateError) return `${own} (${error.errors.map(messageOf).join('; ')})`;
  return error.cause === undefined ? own : `${own}: ${messageOf(error.cause)}`;
}
