/** A failure of the command line, with the exit code and what goes to standard error. */
export class CliError extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** Flag → whether it takes a value. A one-letter alias is written `f|file`. */
export type FlagTable = Readonly<Record<string, 'bool' | 'value'>>;
export interface Parsed {
  readonly has: (name: string) => boolean;
  readonly last: (name: string) => string | undefined;
  readonly all: (name: string) => readonly string[];
  readonly rest: readonly string[];
}

/** Reads flags as Docker's command line does: `--f=x`, `--f x`, `-fx`, `-aq`; stops at the first word when asked to. */
export function parseFlags(argv: readonly string[], table: FlagTable, stopAtWord = false): Parsed {
  const kinds = new Map<string, { name: string; kind: 'bool' | 'value' }>();
  for (const [key, kind] of Object.entries(table)) {
    const names = key.split('|');
    const name = names.at(-1) ?? key;
    for (const alias of names) kinds.set(alias, { name, kind });
  }
  const values = new Map<string, string[]>();
  const set = (name: string, value: string) => values.set(name, [...(values.get(name) ?? []), value]);
  const rest: string[] = [];
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--') {
      rest.push(...words);
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      rest.push(word);
      if (stopAtWord) {
        rest.push(...words);
        break;
      }
    } else if (word.startsWith('--')) longFlag(word, { kinds, words, set });
    else shortFlags(word, { kinds, words, set });
  }
  return {
    has: (name) => values.has(name) && values.get(name)?.at(-1) !== 'false',
    last: (name) => values.get(name)?.at(-1),
    all: (name) => values.get(name) ?? [],
    rest,
  };
}

interface Reader {
  readonly kinds: ReadonlyMap<string, { readonly name: string; readonly kind: 'bool' | 'value' }>;
  readonly words: string[];
  readonly set: (name: string, value: string) => void;
}

function longFlag(word: string, { kinds, words, set }: Reader): void {
  const equals = word.indexOf('=');
  const flag = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const known = kinds.get(flag);
  if (!known || flag.length < 2) throw new CliError(16, `unknown flag: --${flag}`);
  if (equals >= 0) set(known.name, word.slice(equals + 1));
  else if (known.kind === 'bool') set(known.name, 'true');
  else set(known.name, needed(words.shift(), `--${flag}`));
}

function shortFlags(word: string, { kinds, words, set }: Reader): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? '';
    const known = kinds.get(letter);
    if (!known) throw new CliError(16, `unknown shorthand flag: '${letter}' in ${word}`);
    if (known.kind === 'bool') {
      set(known.name, 'true');
      continue;
    }
    const attached = word.slice(at + 1).replace(/^=/, '');
    set(known.name, attached !== '' ? attached : needed(words.shift(), `'${letter}' in ${word}`));
    return;
  }
}

function needed(value: string | undefined, flag: string): string {
  if (value === undefined) throw new CliError(16, `flag needs an argument: ${flag}`);
  return value;
}
