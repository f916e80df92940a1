import { commandStates } from '@preservarium/core';
import { z } from 'zod';

const count = z.int();

/** A device, as far as the gateway knows it. */
export const deviceSchema = z
  .object({
    device_id: z.string(),
    type: z
      .string()
      .nullable()
      .describe('Name of its device type; null if the directory does not have the device.'),
    presence: z
      .object({
        seen_at: z.iso.datetime(),
        by: z.enum(['answer', 'settings']).describe('It answered a command, or reported settings.'),
      })
      .nullable()
      .describe('The newest sign of the device; null if none is known. It may be away by now.'),
    waiting: count.describe('Commands that have not been sent to it: published, or waiting.'),
    commands: z.partialRecord(z.enum(commandStates), count).describe('Known commands by state.'),
    last_outcomes: z
      .array(
        z.object({
          request_id: z.string(),
          command_type: z.string().optional(),
          state: z.enum(commandStates),
          evidence: z.string().optional(),
          timestamp: z.iso.datetime(),
          reason: z.string().optional(),
        }),
      )
      .describe('The newest commands that have come to an end, at most 5.'),
    settings: z
      .object({
        desired_version: z.int().nullable(),
        reported_version: z.int().nullable(),
        in_sync: z.boolean(),
      })
      .nullable()
      .describe('null if it has no settings.'),
  })
  .meta({ id: 'Device', title: 'Device' });

export type DeviceBody = z.output<typeof deviceSchema>;
