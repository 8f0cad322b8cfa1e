import { isScalar, parseDocument, type Scalar } from 'yaml';
import type { CommitDraft, Tree } from '../ports.ts';

/** A part of a file's text, and what replaces it. */
export interface TextEdit {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The files that are different once the edits are made. */
export function changedFiles(tree: Tree, edits: readonly TextEdit[]): CommitDraft['files'] {
  const paths = [...new Set(edits.map(({ path }) => path))];
  return paths.flatMap((path) => {
    const before = tree.read(path) ?? '';
    const text = applyEdits(
      before,
      edits.filter((edit) => edit.path === path),
    );
    return text === before ? [] : [{ path, text }];
  });
}

/** From the end, so that earlier places stay where they are. */
export function applyEdits(text: string, edits: readonly Omit<TextEdit, 'path'>[]): string {
  return edits
    .toSorted((a, b) => b.from - a.from)
    .reduce((before, edit) => before.slice(0, edit.from) + edit.text + before.slice(edit.to), text);
}

export interface Written {
  readonly value: string;
  /** Where the value itself starts, behind a quote if there is one. */
  readonly from: number;
  readonly quoted: boolean;
}

/** A text that stands in the file just as its value is; null for aliases, escapes and folded texts. */
export function scalarAt(text: string, keys: readonly string[]): Written | null {
  const node = parseDocument(text).getIn(keys, true);
  if (!isScalar(node) || node.range === undefined || node.range === null) return null;
  const [start, end] = node.range;
  const raw = text.slice(start, end);
  const value = sourceOf(node);
  const quoted = /^['"]/.test(raw);
  const inside = quoted ? raw.slice(1, -1) : raw;
  return inside === value ? { value, from: start + (quoted ? 1 : 0), quoted } : null;
}

function sourceOf({ value, source }: Scalar): string {
  return typeof value === 'string' ? value : (source ?? String(value));
}

/** Replaces a whole scalar; a plain one that YAML would take for a number gets quotes. */
export function replaceWhole(path: string, { from, value, quoted }: Written, version: string): TextEdit {
  const plain = quoted || typeof parseDocument(version).toJS() === 'string';
  return { path, from, to: from + value.length, text: plain ? version : `"${version}"` };
}
