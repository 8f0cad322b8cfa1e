import { posix } from 'node:path';
import { type Line, splitLines } from './lines.ts';
import { mask } from './templates.ts';

/** The configuration's files as they are on the machine. */
export interface Sources {
  /** The main file, absolute. */
  readonly main: string;
  /** Directory the main file has inside Glance's container. */
  readonly inside: string;
  /** By absolute path. */
  readonly texts: ReadonlyMap<string, string>;
}
/** Where a line of the whole comes from. */
export interface Origin {
  readonly file: string;
  /** From 0. */
  readonly line: number;
  /** What the includes on the way put before it. */
  readonly indent: string;
}
/** What Glance reads: all includes put in place, templates masked. */
export interface Composed {
  readonly text: string;
  readonly origins: readonly Origin[];
  /** Included files nobody has read yet. */
  readonly missing: readonly string[];
  /** Why the includes cannot be followed; null: they can. */
  readonly fault: string | null;
}

/** Glance's own pattern: alone on its line, the dash of a list item goes with it. */
export const includePattern = /^([ \t]*)(?:-[ \t]*)?[!$]include:[ \t]*(.+)$/;
/** More than any house has: beyond them somebody's includes multiply each other. */
const [deepest, mostIncludes, mostLines, mostLetters] = [20, 1000, 100_000, 10_000_000];

/** Puts included files in the place of their lines, as Glance does before it reads YAML. Pure. */
export function compose(sources: Sources): Composed {
  const lines: string[] = [];
  const origins: Origin[] = [];
  const { missing, fault } = walk(sources, (line, origin) => {
    lines.push(origin.indent + (origin.line === 0 ? line.text.replace(/^\uFEFF/, '') : line.text));
    origins.push(origin);
  });
  const text = mask(lines.map((line) => `${line}\n`).join(''));
  return { text, origins, missing, fault };
}

/** The whole configuration as one text, for Glance to check. */
export function expanded(sources: Sources): string {
  const lines: string[] = [];
  walk(sources, ({ text, eol }, { indent }) => lines.push(indent + text + (eol === '' ? '\n' : eol)));
  return lines.join('');
}

/** Goes over every line of the whole, and no further than the first fault. */
function walk(
  sources: Sources,
  see: (line: Line, origin: Origin) => void,
): Pick<Composed, 'missing' | 'fault'> {
  const missing = new Set<string>();
  const known = new Map<string, readonly Line[]>();
  const seen = { includes: 0, lines: 0, letters: 0 };
  const add = (file: string, indent: string, depth: number): string | null => {
    const text = sources.texts.get(file);
    if (text === undefined) {
      missing.add(file);
      return null;
    }
    if (depth > deepest) return `its includes are more than ${deepest} deep, at ${file}`;
    const all = known.get(file) ?? splitLines(text);
    known.set(file, all);
    for (const [index, line] of all.entries()) {
      const [, own = '', target] = includePattern.exec(line.text) ?? [];
      if (target === undefined) {
        seen.lines += 1;
        seen.letters += indent.length + line.text.length;
        see(line, { file, line: index, indent });
      } else {
        seen.includes += 1;
      }
      const much = tooMuch(seen);
      if (much !== null) return `${much}, at ${file}:${index + 1}`;
      if (target === undefined) continue;
      const fault = add(included(sources, file, target.trim()), indent + own, depth + 1);
      if (fault !== null) return fault;
    }
    return null;
  };
  const fault = add(sources.main, '', 0);
  return { missing: [...missing], fault };
}

interface Seen {
  readonly includes: number;
  readonly lines: number;
  readonly letters: number;
}

function tooMuch({ includes, lines, letters }: Seen): string | null {
  if (includes > mostIncludes) return `it includes more than ${mostIncludes} files, counting each time`;
  if (lines > mostLines) return `with its includes it has more than ${mostLines} lines`;
  if (letters > mostLetters) return `with its includes it has more than ${mostLetters / 1_000_000} MB`;
  return null;
}

/** Absolute paths are those of the container. */
function included({ main, inside }: Sources, file: string, target: string): string {
  if (!posix.isAbsolute(target)) return posix.join(posix.dirname(file), target);
  const root = inside === '/' ? '/' : `${inside}/`;
  return target.startsWith(root) ? posix.join(posix.dirname(main), target.slice(root.length)) : target;
}
