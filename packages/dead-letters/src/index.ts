export { type CommandSource, readSource, sourceHeaders, sourceId } from './command-source.js';
export {
  type DeadLetter,
  type DeadLetterReason,
  deadLetterRecord,
  type NewDeadLetter,
  type ReadDeadLetter,
  readDeadLetter,
  withoutOriginal,
} from './dead-letter.js';
export { decodeHeaders, encodeHeaders, originalHeadersName } from './original-headers.js';
export {
  type DeadLetterPlace,
  readRedriven,
  redrivenRecord,
  redriveRecord,
  redriveTimeOf,
} from './redrive.js';
