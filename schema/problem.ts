/** Something wrong with a file a person wrote, with the place to look at. */
export interface SchemaProblem {
  /** `yaml`: the text itself cannot be read. `schema`: it can, but says something that is not allowed. */
  readonly kind: 'yaml' | 'schema';
  readonly message: string;
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  readonly hint?: string;
}

/** Names and positions on the way to a value: `['deployment', 'secrets', 0, 'name']`. */
export type Path = readonly (string | number)[];

/** A typed value, and a way to find where a part of it was written; or everything that is wrong. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly locate: Locate }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] };

/** Where a value was written; of a value that is not there, the nearest thing around it. */
export type Locate = (path: Path) => Place;
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `file:line:column`, as editors and compilers write it. */
export function at({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** `deployment.secrets[0].name`. */
export function dotted(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`))
    .join('');
}
