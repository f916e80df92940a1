export { commandOf } from './command-of.js';
export { exitCodeOf, exitCodes } from './exit-codes.js';
export { type Interruption, listenForInterruption } from './interruption.js';
export { printable, printableJson } from './printable.js';
