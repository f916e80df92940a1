/**
 * Characters for which an MQTT broker may end the connection, with every message in flight on it (MQTT 5.0 and 3.1.1, section 1.5.4): control
 * characters and non-characters, and halves of surrogate pairs, which UTF-8 cannot carry.
 *
 * Written as ranges because the pattern stands in the JSON Schema too, and Python's regular expressions know no \p{Cc}.
 */
export const mqttText =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern rejects them
  /^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ud83f\udffe\ud83f\udfff\ud87f\udffe\ud87f\udfff\ud8bf\udffe\ud8bf\udfff\ud8ff\udffe\ud8ff\udfff\ud93f\udffe\ud93f\udfff\ud97f\udffe\ud97f\udfff\ud9bf\udffe\ud9bf\udfff\ud9ff\udffe\ud9ff\udfff\uda3f\udffe\uda3f\udfff\uda7f\udffe\uda7f\udfff\udabf\udffe\udabf\udfff\udaff\udffe\udaff\udfff\udb3f\udffe\udb3f\udfff\udb7f\udffe\udb7f\udfff\udbbf\udffe\udbbf\udfff\udbff\udffe\udbff\udfff]*$/u;

const maxTopicBytes = 65_535;
/** Mosquitto ends the connection of a client that publishes to more than 200 levels; EMQX takes 128. */
const maxTopicLevels = 128;

/** Returns what makes a text unfit as a topic to publish to (MQTT 5.0, section 4.7); undefined if a broker takes it. */
export function topicProblem(topic: string): string | undefined {
  if (topic === '') return 'must not be empty';
  if (/[+#]/.test(topic)) return 'must have no wildcards (+ or #): a command goes to one topic';
  if (!mqttText.test(topic)) {
    return 'must have no control characters, non-characters or broken surrogate pairs: a broker may end the connection for them';
  }
  const bytes = Buffer.byteLength(topic);
  if (bytes > maxTopicBytes) return `must have at most ${maxTopicBytes} bytes, and has ${bytes}`;
  const levels = topic.split('/').length;
  if (levels > maxTopicLevels) return `must have at most ${maxTopicLevels} levels, and has ${levels}`;
  return undefined;
}
