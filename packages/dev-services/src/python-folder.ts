import { fileURLToPath } from 'node:url';

/** The folder of this package's Python programs; from `src` and from `dist` alike. */
export const pythonFolder = fileURLToPath(new URL('../python', import.meta.url));
