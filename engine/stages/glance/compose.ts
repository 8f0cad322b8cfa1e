import { posix } from 'node:path';
import { splitLines } from './lines.ts';
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
const deepest = 20;

/** Puts included files in the place of their lines, as Glance does before it reads YAML. Pure. */
export function compose(sources: Sources): Composed {
  const lines: string[] = [];
  const origins: Origin[] = [];
  const missing = new Set<string>();
  let fault: string | null = null;
  const add = (file: string, indent: string, depth: number): void => {
    const text = sources.texts.get(file);
    if (text === undefined) return void missing.add(file);
    if (depth > deepest) {
      fault ??= `its includes are more than ${deepest} deep, at ${file}`;
      return;
    }
    splitLines(text).forEach((line, index) => {
      const [, own = '', target] = includePattern.exec(line.text) ?? [];
      if (target !== undefined) {
        add(included(sources, file, target.trim()), indent + own, depth + 1);
        return;
      }
      lines.push(indent + (index === 0 ? line.text.replace(/^\uFEFF/, '') : line.text));
      origins.push({ file, line: index, indent });
    });
  };
  add(sources.main, '', 0);
  const text = mask(lines.map((line) => `${line}\n`).join(''));
  return { text, origins, missing: [...missing], fault };
}

/** The whole configuration as one text, for Glance to check. */
export function expanded(sources: Sources): string {
  const one = (file: string, indent: string): string =>
    splitLines(sources.texts.get(file) ?? '')
      .map((line) => {
        const [, own = '', target] = includePattern.exec(line.text) ?? [];
        if (target === undefined) return indent + line.text + (line.eol === '' ? '\n' : line.eol);
        return one(included(sources, file, target.trim()), indent + own);
      })
      .join('');
  return one(sources.main, '');
}

/** Absolute paths are those of the container. */
function included({ main, inside }: Sources, file: string, target: string): string {
  if (!posix.isAbsolute(target)) return posix.join(posix.dirname(file), target);
  const root = inside === '/' ? '/' : `${inside}/`;
  return target.startsWith(root) ? posix.join(posix.dirname(main), target.slice(root.length)) : target;
}
