/** Largest value of a record that the decoders read, in bytes (16 MiB). Larger ones are refused unread. */
export const maxRecordBytes = 16 * 1024 * 1024;

/** Levels of objects and arrays that a payload, settings, metadata, a result or an unknown field may have. */
export const maxJsonDepth = 64;

/**
 * Values (objects, arrays, texts, numbers, ...) within a payload, settings, metadata or a result. Each takes at least 2 bytes as JSON, so
 * every record of up to 2 MiB has fewer. The limit also stops objects that refer to one object many times.
 */
export const maxJsonValues = 1024 * 1024;

/** Numbers of one JSON text that keep the way in which they were written, such as `21.0`. With more, all are written as JavaScript does. */
export const maxNumberTexts = 10_000;

/** Problems that one error or failure reports; the rest is only said to exist. */
export const maxIssues = 20;

/** Length of a list of problems in an error message, and of a lifecycle event's reason, in characters. */
export const maxReasonCharacters = 1_000;

/** Length of the message of an error, in characters. */
export const maxMessageCharacters = 4_000;

/** Largest lifecycle event that is written, in bytes: room is left for key and headers below Kafka's default of 1,048,588. */
export const maxEventBytes = 1_000_000;

/** Largest result of a device that is kept, in bytes as JSON: room is left for the other fields of its event. */
export const maxResultBytes = 900_000;
