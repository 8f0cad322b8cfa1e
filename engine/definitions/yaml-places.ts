import { isCollection, isNode, isPair, isScalar, type Pair, type YAMLMap } from 'yaml';

/** Where the line of a place begins. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}
/** Where the next line begins; a text that spans its last line's end ends there already. */
export function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}
export function isBlankAt(text: string, at: number): boolean {
  return /^[ \t]*(?:\r?\n|$)/.test(text.slice(at));
}

/** Whether two entries have a blank line between them. */
export function hasGaps(text: string, { items }: YAMLMap): boolean {
  return items
    .slice(1)
    .some((pair) => /\n[ \t]*\r?\n(?:[ \t]*#.*\r?\n)*$/.test(text.slice(0, startOf(pair))));
}

export function startOf({ key }: Pair): number {
  return isNode(key) ? (key.range?.[0] ?? 0) : 0;
}
export function indentOf(text: string, pair: Pair): string {
  const start = startOf(pair);
  return text.slice(lineStart(text, start), start);
}
export function afterColon(text: string, { key }: Pair): number {
  return text.indexOf(':', isNode(key) ? (key.range?.[1] ?? 0) : 0) + 1;
}
/** Behind the last character of an entry, without the comments and blank lines that follow. */
export function endOf(node: unknown): number {
  if (isCollection(node) && node.flow !== true && node.items.length > 0) return endOf(node.items.at(-1));
  if (isNode(node)) return node.range?.[1] ?? 0;
  if (!isPair(node)) return 0;
  const { key, value } = node;
  const own = isNode(key) ? (key.range?.[1] ?? 0) : 0;
  return isScalar(value) && value.source === '' ? own : Math.max(own, endOf(value));
}

/** How far this file indents. */
export function stepOf(text: string): string {
  return /\n( +)[^\s#-]/.exec(text)?.[1] ?? '  ';
}
