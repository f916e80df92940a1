import type { Variables } from '@preservarium/environment';
import { z } from 'zod';

/** The variable of the command store. `docs/configuration.md` describes it. */
export const storeVariables = {
  COMMAND_STORE_URL: {
    rule: z
      .string()
      .regex(/^(sqlite:.|postgres(ql)?:\/\/.)/s, 'must be sqlite:PATH or postgres://...')
      .optional(),
    meaning: 'The command store.',
    example: '/run/secrets/command-store-url',
    valueExample: 'sqlite:commands.sqlite',
    file: true,
    secret: true,
  },
} as const satisfies Variables;
