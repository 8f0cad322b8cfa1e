/** What a variable stands for; undefined when nobody gives it a value. Secrets have a value nobody may look at. */
export type Lookup = (name: string) => { readonly value: string } | { readonly secret: string } | undefined;

export interface Interpolated {
  readonly text: string;
  /** Variables without a value and without a default. */
  readonly missing: readonly string[];
  /** Secrets the text would hold; in `text` they are left out. */
  readonly secrets: readonly string[];
}

const variable =
  /\$(?:(?<escaped>\$)|(?<bare>[A-Za-z_][A-Za-z0-9_]*)|\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?<operator>:?[-?+])?)/g;

/** Replaces `$NAME`, `${NAME:-default}` and their relatives as compose does. */
export function interpolate(text: string, lookup: Lookup): Interpolated {
  const missing: string[] = [];
  const secrets: string[] = [];
  let out = '';
  let from = 0;
  variable.lastIndex = 0;
  for (let match = nextFrom(text, 0); match !== null; match = nextFrom(text, from)) {
    out += text.slice(from, match.index);
    from = match.index + match[0].length;
    const { escaped, bare, name, operator } = match.groups ?? {};
    if (escaped !== undefined) {
      out += '$';
      continue;
    }
    const end = bare === undefined ? closing(text, from) : from;
    const alternative = text.slice(from, end);
    from = bare === undefined ? end + 1 : end;
    const part = substitute({ name: bare ?? name ?? '', operator: operator ?? '', alternative }, lookup);
    out += part.text;
    missing.push(...part.missing);
    secrets.push(...part.secrets);
  }
  return { text: out + text.slice(from), missing, secrets };
}

function nextFrom(text: string, from: number): RegExpExecArray | null {
  variable.lastIndex = from;
  return variable.exec(text);
}

/** Where the brace that closes a `${` is, defaults within defaults included. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let index = from; index < text.length; index++) {
    if (text.startsWith('${', index)) depth++;
    else if (text[index] === '}' && depth-- === 0) return index;
  }
  return text.length;
}

function substitute(
  { name, operator, alternative }: { name: string; operator: string; alternative: string },
  lookup: Lookup,
): Interpolated {
  const found = lookup(name);
  const secret = found !== undefined && 'secret' in found;
  const empty = found !== undefined && 'value' in found && found.value === '';
  const there = found !== undefined && !(operator.startsWith(':') && empty);
  if (operator.endsWith('+')) return there ? interpolate(alternative, lookup) : nothing;
  if (there) return secret ? { ...nothing, secrets: [name] } : { ...nothing, text: found.value };
  if (operator.endsWith('-')) return interpolate(alternative, lookup);
  return empty && !operator.endsWith('?') ? nothing : { ...nothing, missing: [name] };
}

const nothing: Interpolated = { text: '', missing: [], secrets: [] };
