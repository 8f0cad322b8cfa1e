import { isMoment } from '../../../discord/show-time.ts';
import { fenceLines, type FenceLine } from './fences.ts';
import { nodesOf, parseMarkdown, type Node } from './parse.ts';

/** A piece of a text, ready to be drawn. */
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'break' }
  | {
      readonly kind: 'bold' | 'italics' | 'underline' | 'strike' | 'spoiler' | 'quote' | 'small';
      readonly inside: Segments;
    }
  | { readonly kind: 'heading'; readonly level: number; readonly inside: Segments }
  | {
      readonly kind: 'list';
      readonly ordered: boolean;
      readonly start: number;
      readonly items: readonly Segments[];
    }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'fence'; readonly language: string; readonly lines: readonly FenceLine[] }
  | { readonly kind: 'link'; readonly href: string; readonly inside: Segments }
  /** A link to a message or a channel of Discord. */
  | {
      readonly kind: 'place';
      readonly channel: string;
      readonly message: string | null;
      readonly href: string;
      readonly inside: Segments;
    }
  | { readonly kind: 'user' | 'role' | 'channel'; readonly id: string }
  | { readonly kind: 'command'; readonly id: string; readonly name: string }
  | { readonly kind: 'time'; readonly at: number; readonly style: string };
export type Segments = readonly Segment[];

/** Discord's markdown as the pieces a page draws; nothing in it is markup. */
export function segmentsOf(text: string): Segments {
  return joined(parseMarkdown(text).flatMap(segmentOf));
}

const WRAPPERS: Readonly<
  Record<string, 'bold' | 'italics' | 'underline' | 'strike' | 'spoiler' | 'quote' | 'small'>
> = {
  strong: 'bold',
  em: 'italics',
  underline: 'underline',
  strikethrough: 'strike',
  spoiler: 'spoiler',
  blockQuote: 'quote',
  subtext: 'small',
};

function segmentOf(node: Node): Segments {
  const type = textOf(node['type']);
  const wrapper = WRAPPERS[type];
  if (wrapper === 'quote') return [{ kind: wrapper, inside: withoutLastBreak(insideOf(node)) }];
  if (wrapper !== undefined) return [{ kind: wrapper, inside: insideOf(node) }];
  switch (type) {
    case 'br':
    case 'newline':
      return [{ kind: 'break' }];
    case 'heading':
      return [{ kind: 'heading', level: Number(node['level']), inside: insideOf(node) }];
    case 'list':
      return [listOf(node)];
    case 'inlineCode':
      return [{ kind: 'code', text: textOf(node['content']) }];
    case 'codeBlock':
      return [fenceOf(textOf(node['lang']).toLowerCase(), textOf(node['content']))];
    case 'link':
    case 'url':
    case 'autolink':
      return linkOf(node);
    default:
      return mentionOf(type, node);
  }
}

function mentionOf(type: string, node: Node): Segments {
  const id = textOf(node['id']);
  switch (type) {
    case 'user':
    case 'role':
    case 'channel':
      return [{ kind: type, id }];
    case 'slashCommand':
      return [{ kind: 'command', id, name: textOf(node['fullName']) }];
    case 'timestamp':
      return [timeOf(textOf(node['timestamp']), textOf(node['format']))];
    case 'everyone':
    case 'here':
      return [{ kind: 'text', text: `@${type}` }];
    // A custom emoji lives on Discord's servers; its name says the same without asking them.
    case 'emoji':
      return [{ kind: 'text', text: `:${textOf(node['name'])}:` }];
    case 'twemoji':
      return [{ kind: 'text', text: textOf(node['name']) }];
    default:
      return typeof node['content'] === 'string' ? [{ kind: 'text', text: node['content'] }] : insideOf(node);
  }
}

function listOf(node: Node): Segment {
  return {
    kind: 'list',
    ordered: node['ordered'] === true,
    start: Number(node['start']),
    items: nodesOf(node['items']).map((item) => [
      ...joined(nodesOf(item['text']).flatMap(segmentOf)),
      ...joined(nodesOf(item['below']).flatMap(segmentOf)),
    ]),
  };
}

/** What is no moment stays as it was typed. */
function timeOf(seconds: string, style: string): Segment {
  const at = Number(seconds) * 1000;
  if (isMoment(at)) return { kind: 'time', at, style: style || 'f' };
  return { kind: 'text', text: `<t:${seconds}${style === '' ? '' : `:${style}`}>` };
}

function fenceOf(language: string, code: string): Segment {
  return { kind: 'fence', language, lines: fenceLines(language, code) };
}

const PLACE = /^https:\/\/(?:\w+\.)?discord(?:app)?\.com\/channels\/\d+\/(\d+)(?:\/(\d+))?$/;

/** Only web links lead anywhere; of any other only the text is left. */
function linkOf(node: Node): Segments {
  const href = textOf(node['target']);
  const inside = insideOf(node);
  const place = placeIn(href);
  if (place !== null) return [{ kind: 'place', ...place, href, inside }];
  return isWebLink(href) ? [{ kind: 'link', href, inside }] : inside;
}

/** The channel and message a link of Discord leads to. */
export function placeIn(href: string): { readonly channel: string; readonly message: string | null } | null {
  const [, channel, message = null] = PLACE.exec(href) ?? [];
  return channel === undefined ? null : { channel, message };
}

export function isWebLink(href: string): boolean {
  return /^https?:\/\//i.test(href) && URL.canParse(href);
}

function insideOf(node: Node): Segments {
  return joined(nodesOf(node['content']).flatMap(segmentOf));
}

function withoutLastBreak(segments: Segments): Segments {
  return segments.at(-1)?.kind === 'break' ? segments.slice(0, -1) : segments;
}

/** The parser cuts texts at every sign; neighbours become one again. A code block ends its line by itself. */
function joined(segments: Segments): Segments {
  return segments.reduce<Segments>((done, segment) => {
    const last = done.at(-1);
    if (segment.kind === 'break' && last?.kind === 'fence') return done;
    if (segment.kind === 'text' && last?.kind === 'text')
      return [...done.slice(0, -1), { kind: 'text', text: last.text + segment.text }];
    return [...done, segment];
  }, []);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
