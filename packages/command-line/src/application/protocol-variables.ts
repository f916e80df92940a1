import type { Variables } from '@preservarium/environment';
import { z } from 'zod';

/** The variable of protocols that the application has besides mqtt, coap and http. */
export const protocolVariables = {
  PUSHER_PROTOCOLS: {
    rule: z
      .string()
      .default('')
      .transform((text) => text.split(',').map((name) => name.trim().toLowerCase()))
      .transform((names) => names.filter((name) => name !== '')),
    meaning: 'Protocols of the application besides `mqtt`, `coap` and `http`, separated by commas.',
    example: 'lora,modbus',
  },
} as const satisfies Variables;
