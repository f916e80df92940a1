import { z } from 'zod';

const schema = z.union([z.record(z.string(), z.json()), z.boolean()]);

/** The commands and settings that devices of a type understand. */
export const deviceTypeSchema = z
  .object({
    name: z.string(),
    description: z.string().optional(),
    commands: z
      .record(
        z.string(),
        z.object({
          description: z.string().optional(),
          payload: schema.describe('JSON Schema 2020-12 of the payload.'),
          result: schema.optional().describe('JSON Schema of the answer of the device.'),
          evidence: z
            .enum(['gateway', 'device', 'executed'])
            .optional()
            .describe("The evidence that ends the command. Absent: the connector's."),
          answer_within_ms: z.int().optional().describe('How long the device may take to answer.'),
          may_be_repeated: z.boolean().describe('True if a repeated command does no harm.'),
        }),
      )
      .describe('By command type.'),
    settings: z.record(z.string(), schema).describe('JSON Schema of each setting, by its name.'),
  })
  .meta({ id: 'DeviceType', title: 'Device type' });

export type DeviceTypeBody = z.output<typeof deviceTypeSchema>;
