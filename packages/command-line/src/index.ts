export { asksForTelemetry, isTelemetryDisabled } from './asks-for-telemetry.js';
export { commandOf } from './command-of.js';
export { createBackend } from './create-backend.js';
export { exitCodeOf, exitCodes } from './exit-codes.js';
export { type Interruption, listenForInterruption } from './interruption.js';
export { printable, printableJson } from './printable.js';
export { errorLine, reportError, usageLine } from './report-error.js';
export { startTelemetry, type TelemetryOptions } from './start-telemetry.js';
export { withoutUndefined } from './without-undefined.js';
