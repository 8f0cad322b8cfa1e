export interface Redactor {
  add(name: string, value: string): void;
  readonly redact: (text: string) => string;
  /** Names whose values would hit ordinary words and are therefore left alone. */
  tooShort(): readonly string[];
}

const shortest = 4;

/** Replaces values, in every spelling they may take on their way to a text, by `[secret NAME]`. */
export function createRedactor(): Redactor {
  const names = new Map<string, string>(); // spelling → name
  const seen = new Set<string>();
  const short = new Set<string>();
  let pattern: RegExp | null = null;

  return {
    add(name, value) {
      if (value.length < shortest) short.add(name);
      else if (!seen.has(value)) {
        seen.add(value);
        for (const spelling of spellings(value)) if (!names.has(spelling)) names.set(spelling, name);
        pattern = null;
      }
    },
    redact(text) {
      if (names.size === 0) return text;
      pattern ??= alternatives([...names.keys()]);
      return text.replace(pattern, (spelling) => `[secret ${names.get(spelling) ?? 'unknown'}]`);
    },
    tooShort: () => [...short],
  };
}

/** Longest first: a secret may contain another. */
function alternatives(words: readonly string[]): RegExp {
  const longestFirst = words.toSorted((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
}

function spellings(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const url = encodeURIComponent(value);
  const all = [
    value,
    json,
    JSON.stringify(json).slice(1, -1), // JSON inside JSON, as in a log line
    url,
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    url.replaceAll('%20', '+'),
    value.replaceAll("'", "'\\''"), // within single quotes of a shell
    value.replace(/[\\"$`]/g, '\\$&'), // within double quotes of a shell or an .env file
    value.replace(/[\\"$]/g, '\\$&'),
    value.replaceAll('$', '$$$$'), // compose's doubled dollar
    ...base64Spellings(value),
    // A log line or the last lines of an output may show a part of a key file.
    ...value.split(/\r?\n/).filter((line) => line.length >= 16),
  ];
  return [...new Set(all)].filter((spelling) => spelling.length >= shortest);
}

/**
 * Base64 groups three bytes, so a value inside a longer text (`user:password`) looks different at each of three
 * offsets; the characters it shares with its neighbours are left out.
 */
function base64Spellings(value: string): string[] {
  const bytes = Buffer.from(value);
  const whole = bytes.toString('base64');
  const inside = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const shared = (offset + bytes.length) % 3 === 0 ? 0 : 1;
    const text = encoded.replace(/=+$/, '');
    return text.slice(Math.ceil((offset * 8) / 6), text.length - shared);
  });
  const standard = [whole, whole.replace(/=+$/, ''), ...inside.filter((text) => text.length >= 8)];
  return [...standard, ...standard.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
}
