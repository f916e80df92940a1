import ts from 'typescript';

/**
 * Returns what people read of a source file, as Markdown: each comment, docstring and string with a space in it is one paragraph.
 * `lines[n]` is the line of the source for line `n` of the text, both from 0.
 */
export function readableText(path, source) {
  const paragraphs = path.endsWith('.yaml') ? linesOf(source) : [...commentsAndStrings(path, source)];
  paragraphs.sort((one, other) => one.line - other.line);
  const text = [];
  const lines = [];
  for (const { line, content } of paragraphs) {
    for (const [index, each] of content.split('\n').entries()) {
      text.push(each.trim().replaceAll('<', '‹'));
      lines.push(line + index);
    }
    text.push('');
    lines.push(line);
  }
  return { text: text.join('\n'), lines };
}

function linesOf(source) {
  return source
    .split('\n')
    .map((content, line) => ({ line, content: content.replace(/^[\s#-]*(\w+: *)?['"]?/, '') }));
}

function* commentsAndStrings(path, source) {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const lineOf = (position) => file.getLineAndCharacterOfPosition(position).line;
  const seen = new Set();
  function* visit(node) {
    if (
      ts.isStringLiteral(node) ||
      ts.isNoSubstitutionTemplateLiteral(node) ||
      ts.isTemplateExpression(node)
    ) {
      const content = node
        .getText(file)
        .slice(1, -1)
        .replace(/\$\{[^}]*\}/g, '…')
        .replaceAll('`', '');
      if (/\s/.test(content)) yield { line: lineOf(node.getStart(file)), content };
    }
    for (const { pos, end } of commentsBefore(node)) {
      if (seen.has(pos)) continue;
      seen.add(pos);
      const comment = source.slice(pos, end);
      const isLineComment = comment.startsWith('//');
      yield { line: lineOf(pos), content: withoutMarkers(comment), isLineComment };
    }
    for (const child of node.getChildren(file)) yield* visit(child);
  }
  function commentsBefore(node) {
    if (node.getChildCount(file) > 0 || node.pos === node.getStart(file)) return [];
    return [
      ...(ts.getTrailingCommentRanges(source, node.pos) ?? []),
      ...(ts.getLeadingCommentRanges(source, node.pos) ?? []),
    ];
  }
  yield* mergeLineComments([...visit(file)]);
}

/** Consecutive `//` comments are one paragraph. */
function mergeLineComments(paragraphs) {
  const merged = [];
  for (const each of paragraphs) {
    const last = merged.at(-1);
    const follows = last?.isLineComment && each.isLineComment && each.line === last.line + last.lines;
    if (!follows) merged.push({ ...each, lines: 1 });
    else Object.assign(last, { content: `${last.content}\n${each.content}`, lines: last.lines + 1 });
  }
  return merged;
}

function withoutMarkers(comment) {
  return comment.replace(/^\/\*+|\*+\/$|^\/\//g, '').replace(/^[ \t]*\*[ \t]?/gm, '');
}
