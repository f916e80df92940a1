import { commandStates } from '@preservarium/core';
import { z } from 'zod';

/** The states of a query: `waiting,dead`. */
export const statesQuery = z
  .string()
  .optional()
  .transform((text) => text?.split(','))
  .pipe(z.array(z.enum(commandStates)).optional())
  .describe('One state or several, separated by commas.');
