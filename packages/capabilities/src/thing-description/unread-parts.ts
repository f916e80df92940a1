import { isJsonObject } from '@preservarium/core';

const partsRead = new Set(['title', 'description', 'actions', 'properties', '@context']);
const partsOfActionRead = new Set(['description', 'input', 'output', 'safe', 'idempotent']);
const partsOfPropertyUnread = new Set(['forms', 'uriVariables', 'observable', 'titles', 'descriptions']);
/** Of versions 1.0 and 1.1, of their drafts, and of mixtures of them. */
const thingContext = /^https?:\/\/www\.w3\.org\/(?:\d{4}\/wot|ns)\/td(?:[/#]|$)/;

/**
 * Returns a function that tells whether nothing is read at a place of a Thing Description: its forms, links, events, security and so on are for those who
 * talk to the device.
 */
export function unreadPartsOf(content: unknown): (path: readonly (string | number)[]) => boolean {
  const isOfThing = contextsOf(content).some((context) => thingContext.test(String(context)));
  return ([part, , member]) => {
    if (part === undefined) return false;
    if (!partsRead.has(String(part))) return true;
    if (part === '@context') return isOfThing;
    if (member === undefined) return false;
    return part === 'actions'
      ? !partsOfActionRead.has(String(member))
      : partsOfPropertyUnread.has(String(member));
  };
}

/** Returns whether the content is a Thing Model (TD 1.1, section 10): a template of Thing Descriptions. */
export function isThingModel(content: unknown): boolean {
  return isJsonObject(content) && [content['@type']].flat().includes('tm:ThingModel');
}

function contextsOf(content: unknown): readonly unknown[] {
  return isJsonObject(content) ? [content['@context']].flat() : [];
}
