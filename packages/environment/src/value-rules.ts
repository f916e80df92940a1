import { z } from 'zod';

/** A topic's name, as Kafka has it. */
export const topicName = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[\w.-]{1,249}$/,
    'must be 1 to 249 letters, digits, dots, underscores and hyphens, as Kafka has it',
  );

/** A certificate or a key. */
export const pemText = z
  .string()
  .regex(/-----BEGIN [A-Z0-9 ]+-----/, 'must be PEM text, which has a line -----BEGIN ...-----');

/** Returns true if a URL has `user:password@`: programs would show them with the address. */
export function hasCredentials({ username, password }: URL): boolean {
  return username !== '' || password !== '';
}

/** An address of a web server, which messages show. */
export const webAddress = z
  .url()
  .refine((text) => !hasCredentials(new URL(text)), 'must have no credentials (user:password@)');

/** Texts separated by commas, without the spaces around them; none are empty. */
export const commaList = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim()))
  .transform((items) => items.filter((item) => item !== ''));

/** One of the values, in upper or lower case. */
export function oneOf<const Value extends string>(values: readonly Value[]) {
  return z.string().transform((text, context): Value => {
    const value = values.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
    if (value !== undefined) return value;
    context.addIssue(`must be one of ${values.join(', ')}`);
    return z.NEVER;
  });
}

/** A whole number, in decimal digits. */
export function wholeNumber(least: number, most: number) {
  return z.string().transform((text, context): number => {
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value >= least && value <= most) return value;
    context.addIssue(`must be a whole number from ${least} to ${most}`);
    return z.NEVER;
  });
}
