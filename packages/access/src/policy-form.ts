import { z } from 'zod';
import { actions } from './policy.js';

const names = z.array(z.string().min(1)).min(1);

/** The content of a policy file. */
export const policyForm = z.strictObject({
  rules: z.array(
    z.strictObject({
      name: z.string().min(1).describe('For explanations.'),
      subjects: z
        .array(
          z.union([
            z.strictObject({ key: z.string().min(1).describe('Id of an API key; `*` is any.') }),
            z.strictObject({
              claim: z.string().min(1).describe('Name of a claim of the token.'),
              value: z.string().describe('Its value, or one of its values.'),
            }),
          ]),
        )
        .min(1),
      devices: z
        .strictObject({
          ids: names.optional(),
          prefixes: names.optional(),
          types: names.optional().describe('Names of device types.'),
        })
        .optional()
        .describe('Devices that fit one of the lists. Absent: all devices.'),
      actions: z.array(z.enum(actions)).min(1),
      commands: names.optional().describe('Command types; a last `*` makes a prefix. Absent: all.'),
      settings: names.optional().describe('Names of settings; a last `*` makes a prefix. Absent: all.'),
      payload: z
        .record(z.string(), z.json())
        .optional()
        .describe('JSON Schema 2020-12 that the payload of a pushed command must fit.'),
    }),
  ),
});

type PolicyForm = z.output<typeof policyForm>;
export type PolicyRule = PolicyForm['rules'][number];
