import type { DeviceSettings, JsonObject } from '@preservarium/core';
import { composeMergePatches } from './compose-merge-patches.js';
import { documentBytes } from './document-size.js';
import type { ReportedSettings } from './settings.js';

/** The reports of one device that are written together, as one record. */
export interface WaitingReports {
  /** Merge patches to apply one after another: one, unless {@link composeMergePatches} cannot make one of them. */
  readonly patches: readonly JsonObject[];
  /** The newest report; the record has its time. */
  readonly newest: DeviceSettings;
  /** The expected reported settings once all of them are applied. */
  readonly document: JsonObject;
  /** How many calls wait for `done`. */
  readonly callers: number;
  readonly done: PromiseWithResolvers<ReportedSettings>;
}

/** Returns the reports with one more, or undefined if the patches would have more than `maxBytes`. */
export function addReport(
  waiting: WaitingReports | undefined,
  newest: DeviceSettings,
  { document, maxBytes }: { readonly document: JsonObject; readonly maxBytes: number },
): WaitingReports | undefined {
  const patches = append(waiting?.patches ?? [], newest.settings);
  const isTooMuch = patches.reduce((bytes, patch) => bytes + documentBytes(patch), 0) > maxBytes;
  if (isTooMuch && waiting !== undefined) return undefined;
  const { callers, done } = waiting ?? { callers: 0, done: createDone() };
  return { patches, newest, document, callers, done };
}

/** Returns reports that could not be written, together with those that came in meanwhile. */
export function joinReports(failed: WaitingReports, waiting: WaitingReports | undefined): WaitingReports {
  if (waiting === undefined) return failed;
  failed.done.resolve(waiting.done.promise);
  const patches = waiting.patches.reduce(append, failed.patches);
  return { ...waiting, patches, callers: failed.callers + waiting.callers };
}

function append(patches: readonly JsonObject[], patch: JsonObject): readonly JsonObject[] {
  const last = patches.at(-1);
  const composed = last && composeMergePatches(last, patch);
  return composed === undefined ? [...patches, patch] : [...patches.slice(0, -1), composed];
}

function createDone(): PromiseWithResolvers<ReportedSettings> {
  const done = Promise.withResolvers<ReportedSettings>();
  // Mark the rejection as handled: all callers may have given up by then.
  done.promise.catch(() => {});
  return done;
}
