export { createBackend } from './create-backend.js';
export { exitCodeOf, exitCodes } from './exit-codes.js';
export { type Interruption, listenForInterruption } from './interruption.js';
export { errorLine, reportError, usageLine } from './report-error.js';
