import type { Variables } from './ci-file.ts';

type Value = string | null | RegExp | boolean;
interface Reader {
  readonly next: () => string | undefined;
  readonly peek: () => string | undefined;
  readonly variables: Variables;
}

const tokens =
  /\s*(&&|\|\||==|!=|=~|!~|\(|\)|\$\{?[A-Za-z_]\w*\}?|"[^"]*"|'[^']*'|null\b|\/(?:\\.|[^/\\])+\/[imsU]*)/y;

/** What a `rules:if` comes to, in GitLab's own small language. */
export function ruleHolds(expression: string, variables: Variables): boolean {
  const words = tokenize(expression);
  let at = 0;
  const reader: Reader = { next: () => words[at++], peek: () => words[at], variables };
  const value = either(reader);
  if (at < words.length) throw new Error(`invalid expression syntax in \`if: ${expression}\``);
  return truthy(value);
}

function tokenize(expression: string): readonly string[] {
  const words: string[] = [];
  const rest = expression.trimEnd();
  for (tokens.lastIndex = 0; tokens.lastIndex < rest.length;) {
    const found = tokens.exec(rest)?.[1];
    if (found === undefined) throw new Error(`invalid expression syntax in \`if: ${expression}\``);
    words.push(found);
  }
  return words;
}

function either(reader: Reader): Value {
  let value = both(reader);
  while (reader.peek() === '||') {
    reader.next();
    const other = both(reader);
    value = truthy(value) || truthy(other);
  }
  return value;
}

function both(reader: Reader): Value {
  let value = comparison(reader);
  while (reader.peek() === '&&') {
    reader.next();
    const other = comparison(reader);
    value = truthy(value) && truthy(other);
  }
  return value;
}

const comparisons: Readonly<Record<string, (left: Value, right: Value) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '=~': (left, right) => fits(left, right),
  '!~': (left, right) => !fits(left, right),
};

function comparison(reader: Reader): Value {
  const left = operand(reader);
  const compare = comparisons[reader.peek() ?? ''];
  if (compare === undefined) return left;
  reader.next();
  return compare(left, operand(reader));
}

function operand({ next, peek, variables }: Reader): Value {
  const word = next();
  if (word === undefined || word === ')') throw new Error('invalid expression syntax: something is missing');
  if (word === '(') {
    const value = either({ next, peek, variables });
    if (next() !== ')') throw new Error('invalid expression syntax: a `)` is missing');
    return value;
  }
  if (word === 'null') return null;
  if (word.startsWith('$')) return variables[word.replaceAll(/[${}]/g, '')] ?? null;
  if (word.startsWith('/')) return pattern(word);
  return word.slice(1, -1);
}

function fits(left: Value, right: Value): boolean {
  if (typeof left !== 'string') return false;
  const expected = typeof right === 'string' ? pattern(right) : right;
  return expected instanceof RegExp && expected.test(left);
}

function pattern(text: string): RegExp | null {
  const [, body, flags] = /^\/(.*)\/([imsU]*)$/s.exec(text) ?? [];
  if (body === undefined) return null;
  return new RegExp(body, (flags ?? '').replace('U', ''));
}

const truthy = (value: Value): boolean => value !== null && value !== false && value !== '';
