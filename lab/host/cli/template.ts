import { CliError } from './flags.ts';

/** The part of Go's templates people use with `--format`: fields, `json`, `index`, `if`, `range`, `println`. */
export function renderTemplate(template: string, value: unknown): string {
  const unescaped = template.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
  const parts = unescaped.split(/(\{\{-?[\s\S]*?-?\}\})/);
  const { text, rest } = renderParts(parts, value);
  if (rest.length > 0) throw new CliError(64, 'template parsing error: unexpected {{end}}');
  return text;
}

const actionOf = (part: string) =>
  part.startsWith('{{') ? part.replace(/^\{\{-?\s*|\s*-?\}\}$/g, '') : undefined;

function renderParts(parts: readonly string[], dot: unknown): { text: string; rest: readonly string[] } {
  let text = '';
  let rest = parts;
  while (rest.length > 0) {
    const [part = '', ...after] = rest;
    const action = actionOf(part);
    if (action === 'end' || action === 'else') return { text, rest };
    rest = after;
    if (action === undefined) text += part;
    else if (/^(if|range|with) /.test(action)) {
      const block = renderBlock(action, rest, dot);
      text += block.text;
      rest = block.rest;
    } else text += show(evaluate(action, dot));
  }
  return { text, rest };
}

function renderBlock(
  action: string,
  parts: readonly string[],
  dot: unknown,
): { text: string; rest: readonly string[] } {
  const keyword = action.split(' ')[0];
  const value = evaluate(action.slice(keyword?.length ?? 0).trim(), dot);
  const body = renderParts(parts, truthy(value) && keyword !== 'if' ? first(value, keyword) : dot);
  let otherwise = { text: '', rest: body.rest };
  if (actionOf(body.rest[0] ?? '') === 'else') otherwise = renderParts(body.rest.slice(1), dot);
  const rest = otherwise.rest.slice(1);
  if (!truthy(value)) return { text: otherwise.text, rest };
  if (keyword !== 'range') return { text: body.text, rest };
  const items = Array.isArray(value) ? value : Object.values(value as object);
  return { text: items.map((item: unknown) => renderParts(parts, item).text).join(''), rest };
}

const first = (value: unknown, keyword: string | undefined): unknown =>
  keyword === 'range' ? Object.values(value as object)[0] : value;

function truthy(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '' || value === 0) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function evaluate(action: string, dot: unknown): unknown {
  const words = action.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const [head = '', ...args] = words;
  if (head === 'json') return JSON.stringify(operand(args[0] ?? '.', dot));
  if (head === 'println') return `${args.map((word) => show(operand(word, dot))).join(' ')}\n`;
  if (head === 'index')
    return args
      .slice(1)
      .reduce((value, word) => step(value, String(operand(word, dot))), operand(args[0] ?? '.', dot));
  if (head === '.Label') return labelOf(dot, String(operand(args[0] ?? '""', dot)));
  return operand(head, dot);
}

function operand(word: string, dot: unknown): unknown {
  if (word.startsWith('"')) return word.slice(1, -1).replaceAll('\\"', '"');
  if (/^\d+$/.test(word)) return Number(word);
  if (!word.startsWith('.'))
    throw new CliError(64, `template parsing error: template: :1: function "${word}" not defined`);
  return word
    .split('.')
    .filter((name) => name !== '')
    .reduce((value, name) => step(value, name), dot);
}

function step(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(key);
}

function labelOf(dot: unknown, name: string): string {
  const text = step(dot, 'Labels');
  const pair =
    typeof text === 'string' ? text.split(',').find((one) => one.startsWith(`${name}=`)) : undefined;
  return pair?.slice(name.length + 1) ?? '';
}

function show(value: unknown): string {
  if (value === undefined || value === null) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
  if (typeof value === 'object')
    return `map[${Object.entries(value)
      .map(([key, item]) => `${key}:${show(item)}`)
      .join(' ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
