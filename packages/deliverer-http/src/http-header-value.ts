/** Text as it is, where it is printable ASCII without spaces and "%"; the rest percent-encoded UTF-8. */
export function asHeaderValue(text: string): string {
  return text.replace(/[^!-$&-~]+/gu, encodeURIComponent);
}
