import { z } from 'zod';

/** The kinds of evidence that a command may require, the weakest first. */
export const requiredEvidences = ['gateway', 'device', 'executed'] as const;

/**
 * The evidence that ends a command: `gateway`, a broker or gateway has it; `device`, the device acknowledged it; `executed`, the device reported the
 * result.
 */
export type RequiredEvidence = (typeof requiredEvidences)[number];

/** The longest time of a timer of Node.js. */
const maxAnswerMs = 2 ** 31 - 1;

/** Checks a required evidence. */
export const requiredEvidenceSchema = z.enum(
  requiredEvidences,
  `must be one of ${requiredEvidences.join(', ')}`,
);

const answerTime = `must be a whole number from 1 to ${maxAnswerMs}`;

/** Checks how long a device may take to answer, in milliseconds. */
export const answerWithinMsSchema = z.int(answerTime).min(1, answerTime).max(maxAnswerMs, answerTime);

/** Returns true for a time that the schema allows. */
export function isAnswerTime(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= maxAnswerMs;
}

/** Returns true if `given` proves at least what `required` asks for. */
export function isEnoughEvidence(given: RequiredEvidence, required: RequiredEvidence): boolean {
  return requiredEvidences.indexOf(given) >= requiredEvidences.indexOf(required);
}
