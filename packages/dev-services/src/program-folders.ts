import { fileURLToPath } from 'node:url';

/** The folders of this package's programs in Python and Java; from `src` and from `dist` alike. */
export const pythonFolder = fileURLToPath(new URL('../python', import.meta.url));
export const javaFolder = fileURLToPath(new URL('../java', import.meta.url));
