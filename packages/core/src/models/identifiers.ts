import { z } from 'zod';
import { mqttText } from './mqtt-text.js';

/** zod's error for a text field that is missing or of another type. */
export function requiredText({ input }: { readonly input?: unknown }): string {
  return input === undefined ? 'is required' : 'must be text';
}

function identifier(maxCharacters: number) {
  return z
    .string({ error: requiredText })
    .min(1, 'must not be empty')
    .max(maxCharacters, `must have at most ${maxCharacters} characters`)
    .regex(mqttText, 'must have no control characters, non-characters or broken surrogate pairs');
}

/** Names a device; 1 to 256 characters, none of them a control character. */
export const deviceIdSchema = identifier(256);

/** Names a kind of command; 1 to 128 characters, none of them a control character. */
export const commandTypeSchema = identifier(128);

/** Names what a command sets; 1 to 128 characters, none of them a control character. */
export const supersedeKeySchema = identifier(128);

/** Names one push of a command; 1 to 256 characters, by default a UUID version 7 (RFC 9562). */
export const requestIdSchema = identifier(256);

/** Names the issuer of a command, for example `key:dashboard`; 1 to 256 characters, none of them a control character. */
export const issuedBySchema = identifier(256);

/** Names how a device is reached; 1 to 64 characters, lower-cased. */
export const protocolSchema = z
  .string({ error: requiredText })
  .min(1, 'must not be empty')
  .max(64, 'must have at most 64 characters')
  .toLowerCase();
