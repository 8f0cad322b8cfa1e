import { rulesExtended, SimpleMarkdown } from 'discord-markdown-parser';

/** A node of the parser's tree, read loosely. */
export type Node = Readonly<Record<string, unknown>>;

const LIST = /^( *)(?:[-*]|\d+\.) +[^\n]+(?:\n(?: *(?:[-*]|\d+\.) +| {2,})[^\n]+)*(?:\n|$)/;
const ITEM = /^( *)([-*]|\d+\.) +(.*)$/;

type ParserRule = (typeof rulesExtended)[string];

interface Item {
  readonly text: string;
  readonly below: string;
}

/** Lists are the one thing of Discord's markdown that the parser does not know. */
const list: ParserRule = {
  order: rulesExtended['blockQuote']?.order ?? 0,
  match: (source, _state, before) => (before === '' || before.endsWith('\n') ? LIST.exec(source) : null),
  parse: (capture, parse, state) => {
    const lines = (capture[0] ?? '').replace(/\n$/, '').split('\n');
    const [, indent = '', sign = '-'] = ITEM.exec(lines[0] ?? '') ?? [];
    const inner = (text: string) => parse(text, { ...state, prevCapture: null });
    return {
      ordered: /\d/.test(sign),
      start: Number.parseInt(sign, 10) || 1,
      items: itemsOf(lines, indent.length).map(({ text, below }) => ({
        text: inner(text),
        below: below === '' ? [] : inner(below),
      })),
    };
  },
};

function itemsOf(lines: readonly string[], indent: number): readonly Item[] {
  return lines.reduce<readonly Item[]>((items, line) => {
    const [, depth = '', , text = ''] = ITEM.exec(line) ?? [];
    const last = items.at(-1);
    if (last !== undefined && (!ITEM.test(line) || depth.length > indent))
      return [...items.slice(0, -1), { ...last, below: last.below + line.slice(indent) + '\n' }];
    return [...items, { text, below: '' }];
  }, []);
}

/** The parser's own test for the start of a line is misled by what stands above: quotes and lists. */
const atLineStart = (name: string): Readonly<Record<string, ParserRule>> => {
  const rule = rulesExtended[name];
  if (rule === undefined) return {};
  const match: ParserRule['match'] = (source, state, before) =>
    before === '' || before.endsWith('\n') ? rule.match(source, { ...state, prevCapture: null }, '') : null;
  return { [name]: { ...rule, match } };
};

const parser = SimpleMarkdown.parserFor({
  ...rulesExtended,
  ...atLineStart('heading'),
  ...atLineStart('subtext'),
  list,
});

/** Discord's markdown as a tree. */
export function parseMarkdown(text: string): readonly Node[] {
  return nodesOf(parser(text, { inline: true }));
}

/** What is inside a node. */
export function nodesOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}
