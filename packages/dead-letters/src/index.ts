export { type CommandSource, readSource, sourceHeaders, sourceId } from './command-source.js';
export {
  type DeadLetter,
  type DeadLetterReason,
  deadLetterReasons,
  deadLetterRecord,
  type NewDeadLetter,
  type ReadDeadLetter,
  readDeadLetter,
  withoutOriginal,
} from './dead-letter.js';
export { decodeHeaders, encodeHeaders, originalHeadersName } from './original-headers.js';
export { type ChooseSendableOptions, chooseSendable } from './reading/choose-sendable.js';
export { type DeadEntry, deviceOf } from './reading/dead-entry.js';
export {
  createDeadLetterTopic,
  type DeadLetterTopic,
  type DeadLetterTopicOptions,
  type FoundDeadLetter,
  type RedriveOutcome,
} from './reading/dead-letter-topic.js';
export { type EntryFilter, fitsFilter, summaryFits } from './reading/entry-filter.js';
export { type EntrySummary, summarizeEntry } from './reading/entry-summary.js';
export { findEntry } from './reading/find-entry.js';
export { type JudgeOptions, judge, judgeOne, type Verdict } from './reading/judge.js';
export { type ListNewestOptions, listNewest } from './reading/list-newest.js';
export type { DeadLetterPage, ListPageOptions } from './reading/list-page.js';
export { formatPlace, parsePlace } from './reading/place.js';
export {
  type DeadLetters,
  type ReadDeadLettersOptions,
  readDeadLetters,
} from './reading/read-dead-letters.js';
export { type ReadToEndOptions, readToEnd } from './reading/read-to-end.js';
export { type SendAgainOptions, type SendOutcome, sendAgain } from './reading/send-again.js';
export { topicEnds } from './reading/topic-ends.js';
export {
  type DeadLetterPlace,
  readRedriven,
  redrivenRecord,
  redriveRecord,
  redriveTimeOf,
} from './redrive.js';
