import { maxIssues } from '../limits.js';
import { cutText } from './cut-text.js';

/** Returns problems as one line: the first 20, cut to 1,000 characters; "and more" stands for the others. */
export function describeIssues(
  issues: readonly { readonly path: string; readonly message: string }[],
): string {
  const described = issues.slice(0, maxIssues).map(({ path, message }) => {
    const place = cutText(path, 256);
    return place === '' ? cutText(message, 512) : `${place}: ${cutText(message, 512)}`;
  });
  if (issues.length > maxIssues) described.push('and more');
  return cutText(described.join('; '));
}
