import { z } from 'zod';
import { receiptSchema } from './command.js';
import { problemSchema } from './problem.js';

/** An outcome of a line of a batch. */
export const lineSchema = z
  .union([receiptSchema.extend({ status: z.literal(202) }), problemSchema])
  .describe('One for each line, in their order.');
