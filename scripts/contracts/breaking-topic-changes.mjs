// Finds what a change of an AsyncAPI document breaks for programs that write and read the topics.
import { breakingSchemaChanges, resolved } from './breaking-schema-changes.mjs';

/** Returns the changes that break writers or readers of the topics, one line for each. */
export function breakingTopicChanges(base, head) {
  const found = [];
  for (const [name, channel] of Object.entries(base.channels)) {
    const same = head.channels[name];
    if (same === undefined) {
      found.push(`${name}: the topic was removed`);
      continue;
    }
    if (same.address !== channel.address) found.push(`${name}: ${channel.address} became ${same.address}`);
    for (const [message, given] of Object.entries(channel.messages)) {
      const now = same.messages[message];
      if (now === undefined) found.push(`${name}: the message ${message} was removed`);
      else found.push(...messageChanges(given, now).map((change) => `${name}, ${message}: ${change}`));
    }
  }
  return found;

  function messageChanges(given, now) {
    const [before, after] = [resolved(given, base), resolved(now, head)];
    return ['payload', 'headers'].flatMap((part) => {
      const [old, changed] = [before[part], after[part]];
      if (old === undefined && changed === undefined) return [];
      if (changed === undefined) return [`${part}: the schema was removed`];
      // A new schema of headers may require some.
      return breakingSchemaChanges(
        { schema: old ?? {}, document: base },
        { schema: changed, document: head },
        { writes: true, reads: true },
      ).map((change) => `${part}: ${change}`);
    });
  }
}
