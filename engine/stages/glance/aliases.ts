import { type Alias, type Document, isAlias, isCollection, isNode, isPair, isScalar } from 'yaml';

/** What each alias of a document stands for, or why following them would never end. */
export interface Aliases {
  readonly targets: ReadonlyMap<Alias, unknown>;
  readonly fault: { readonly offset: number; readonly words: string } | null;
}

/** More than big dashboards have, counting an alias each time it is used, also by way of others. */
const [mostUses, mostLetters] = [10_000, 20_000_000];

/** What is meant once all aliases are put in. */
interface Extent {
  readonly uses: number;
  readonly letters: number;
}
class AliasFault extends Error {
  readonly offset: number;
  constructor(offset: number, words: string) {
    super(words);
    this.offset = offset;
  }
}

/** Finds what aliases stand for in one pass, and adds up what they multiply to without making it. Pure. */
export function aliasesOf({ contents }: Document): Aliases {
  const targets = new Map<Alias, unknown>();
  try {
    measure(contents, { targets, anchors: new Map(), extents: new Map() });
    return { targets, fault: null };
  } catch (error) {
    if (error instanceof AliasFault)
      return { targets, fault: { offset: error.offset, words: error.message } };
    throw error;
  }
}

interface Reading {
  readonly targets: Map<Alias, unknown>;
  readonly anchors: Map<string, unknown>;
  /** Of what has an anchor; missing while it is not at its end. */
  readonly extents: Map<unknown, Extent>;
}

function measure(node: unknown, reading: Reading): Extent {
  if (isPair(node)) return sum([measure(node.key, reading), measure(node.value, reading)], node);
  if (isAlias(node)) return useOf(node, reading);
  if (!isNode(node)) return { uses: 0, letters: 1 };
  const anchor = 'anchor' in node && typeof node.anchor === 'string' ? node.anchor : null;
  if (anchor !== null) reading.anchors.set(anchor, node);
  const extent = isCollection(node)
    ? sum(
        node.items.map((item) => measure(item, reading)),
        node,
      )
    : { uses: 0, letters: 1 + (isScalar(node) ? (node.source?.length ?? 0) : 0) };
  if (anchor !== null) reading.extents.set(node, extent);
  return extent;
}

function useOf(alias: Alias, { targets, anchors, extents }: Reading): Extent {
  const target = anchors.get(alias.source);
  targets.set(alias, target);
  const extent = target === undefined ? { uses: 0, letters: 1 } : extents.get(target);
  if (extent === undefined) throw new AliasFault(alias.range?.[0] ?? 0, 'an alias stands for what it is in');
  return { uses: extent.uses + 1, letters: extent.letters };
}

function sum(parts: readonly Extent[], node: unknown): Extent {
  const uses = parts.reduce((total, part) => total + part.uses, 0);
  const letters = parts.reduce((total, part) => total + part.letters, 1);
  const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  if (uses > mostUses)
    throw new AliasFault(offset, `its aliases are used more than ${mostUses} times, by way of each other`);
  if (letters > mostLetters)
    throw new AliasFault(offset, `with its aliases put in it has more than ${mostLetters / 1_000_000} MB`);
  return { uses, letters };
}
