const sentenceStart = String.raw`(?:^[\s#>|]*|[.!?:;]\s+|^[-*]\s+|\*\*|@\w+(?: \S+)? )`;
const article = 'an?|the|it|they|there|no|all|each|every|nothing|nobody|one|what|whoever';
/** `What waits…`, `Whether it is…`, `That a broker…` as a subject; a question is none. */
const nounClause = new RegExp(
  `${sentenceStart}((?:What|Who|Whoever|Whatever|Whether|That (?:${article}))\\b)[^.!?]*([.!?]|$)`,
  'g',
);

/** A rule of textlint: no circumlocutions of the glossary, no sentence and no heading that begins with a noun clause. */
export function languageRule({ report, RuleError, Syntax, getSource }, { terms }) {
  const patterns = terms.map(({ pattern, use }) => ({ regexp: termPattern(pattern), use }));

  function check(node) {
    const text = withoutCode(getSource(node));
    const add = (index, message) => report(node, new RuleError(message, { index }));
    for (const { regexp, use } of patterns) {
      for (const { 0: found, index } of text.matchAll(regexp)) {
        add(index, `"${found.replace(/\s+/g, ' ')}": use ${use}`);
      }
    }
    for (const { 0: sentence, 1: clause, 2: end, index } of text.matchAll(nounClause)) {
      if (end === '?') continue;
      add(index + sentence.indexOf(clause), `"${clause}…" begins with a noun clause: subject, verb, object`);
    }
  }
  return { [Syntax.Header]: check, [Syntax.Paragraph]: check, [Syntax.TableCell]: check };
}

/** A pattern of whole words, which may be divided over lines. */
export function termPattern(pattern) {
  return new RegExp(String.raw`(?<![\w-])${pattern.replaceAll(' ', String.raw`\s+`)}(?!\w)`, 'gi');
}

/** Blanks inline code and the addresses of links; what follows keeps its place. */
function withoutCode(source) {
  const blank = (text) => text.replace(/[^\n]/g, ' ');
  return source.replace(/`[^`]*`/g, (code) => code.replace(/[^\n]/g, 'x')).replace(/\]\([^)]*\)/g, blank);
}
