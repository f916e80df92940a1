import { posix } from 'node:path';

const link = /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g;

/**
 * Returns the Markdown with links that hold in the site. A link to a file of the repository that is no page becomes its path as text.
 *
 * @param from path of the file in the repository
 * @param pages paths in the site by paths in the repository
 * @param exists says whether a path is in the repository
 * @param usesImage called with the path of each image in the repository
 * @throws Error for a link to nothing
 */
export function rewriteLinks(markdown, { from, pages, exists, usesImage }) {
  const here = posix.dirname(pages.get(from));
  const rewrite = (whole, image, text, target) => {
    if (/^([a-z]+:|#)/.test(target)) return whole;
    const [path, anchor] = target.split('#');
    const file = posix.normalize(posix.join(posix.dirname(from), path)).replace(/\/$/, '');
    const page = pages.get(file) ?? pages.get(`${file}/README.md`);
    if (page !== undefined) {
      return `[${text}](${asRelative(posix.relative(here, page))}${anchor === undefined ? '' : `#${anchor}`})`;
    }
    if (!exists(file)) throw new Error(`${from} has a link to ${target}, which is not there`);
    if (image === '') return text.startsWith('`') ? text : `${text} (\`${file}\`)`;
    usesImage(file);
    return `![${text}](${asRelative(posix.relative(here, `images/${posix.basename(file)}`))})`;
  };
  return outsideCode(markdown, (part) => part.replace(link, rewrite));
}

const asRelative = (path) => (path.startsWith('.') ? path : `./${path}`);

function outsideCode(markdown, change) {
  return markdown
    .split(/(^```[\s\S]*?^```$)/m)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('');
}
