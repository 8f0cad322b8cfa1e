import { invalidFile } from './compose-error.ts';

/** Reads a `.env` file the way compose does: quotes, `export`, comments, `$` in unquoted and double-quoted values. */
export function parseDotenv(
  text: string,
  file: string,
  outside: Readonly<Record<string, string>>,
): Record<string, string> {
  const values: Record<string, string> = {};
  const known = (name: string) => values[name] ?? outside[name] ?? '';
  const pattern = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*[=:][ \t]*/;
  let rest = text.replaceAll('\r\n', '\n');
  let line = 1;
  while (rest !== '') {
    const blank = /^[ \t]*(#[^\n]*)?(\n|$)/.exec(rest);
    const head = pattern.exec(rest);
    if (blank || !head) {
      if (!blank && !bareName.test(rest)) throw unexpected(file, line, rest);
      rest = rest.replace(/^[^\n]*(\n|$)/, '');
      line += 1;
      continue;
    }
    const body = rest.slice(head[0].length);
    const { value, length } = valueOf(body, known) ?? { value: undefined, length: 0 };
    if (value === undefined)
      throw invalidFile(`failed to read ${file}: line ${line}: unterminated quoted value ${firstLine(body)}`);
    values[head[1] ?? ''] = value;
    const used = rest.slice(0, head[0].length + length);
    line += used.split('\n').length;
    rest = rest.slice(used.length).replace(/^[^\n]*(\n|$)/, '');
  }
  return values;
}

const bareName = /^[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*(\n|$)/;
const firstLine = (text: string) => text.split('\n')[0] ?? '';
const unexpected = (file: string, line: number, rest: string) => {
  const character = /[^\w.\-\s]/.exec(rest)?.[0] ?? ' ';
  return invalidFile(
    `failed to read ${file}: line ${line}: unexpected character "${character}" in variable name "${firstLine(rest)}"`,
  );
};

function valueOf(
  body: string,
  known: (name: string) => string,
): { value: string; length: number } | undefined {
  const quote = body[0];
  if (quote === "'") {
    const end = body.indexOf("'", 1);
    return end < 0 ? undefined : { value: body.slice(1, end), length: end + 1 };
  }
  if (quote === '"') {
    const match = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(body);
    return match
      ? { value: substitute(unescape(match[1] ?? ''), known), length: match[0].length }
      : undefined;
  }
  const line = firstLine(body);
  const value = line.replace(/\s+#.*$/, '').trim();
  return { value: substitute(value, known), length: line.length };
}

const unescape = (text: string) =>
  text.replace(/\\([nrt"\\$])/g, (whole, letter: string) => {
    const plain: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
    return plain[letter] ?? whole;
  });

function substitute(text: string, known: (name: string) => string): string {
  return text.replace(
    /\\\$|\$\$|\$\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|\$([A-Za-z_]\w*)/g,
    (whole, braced?: string, fallback?: string, plain?: string) => {
      if (whole === '\\$' || whole === '$$') return '$';
      const value = known(braced ?? plain ?? '');
      return value === '' ? (fallback ?? '') : value;
    },
  );
}
