export { createHonoFormat, type HonoFormat, type HonoOptions } from './create-hono-format.js';
