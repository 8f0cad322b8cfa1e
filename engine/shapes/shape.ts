/** Looks at a value of unknown origin and answers it typed, or throws a Mismatch that says where it differs. */
export type Shape<T> = (value: unknown, at: string) => T;

/** A stored value is not what this version of the program wrote. */
export class Mismatch extends Error {
  constructor(at: string, expected: string) {
    super(`${at === '' ? 'the value' : at} is not ${expected}`);
    this.name = 'Mismatch';
  }
}

/** Every field of T must be listed, and its shape must give exactly its type: a new field in a type does not compile until it is here. */
export type Fields<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? Optional<Required<T>[K]> : Shape<T[K]>;
};
export interface Optional<T> {
  readonly optional: Shape<T>;
}

export const text: Shape<string> = (value, at) => {
  if (typeof value !== 'string') throw new Mismatch(at, 'a text');
  return value;
};
export const integer: Shape<number> = (value, at) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new Mismatch(at, 'a whole number');
  return value;
};
export const number: Shape<number> = (value, at) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Mismatch(at, 'a number');
  return value;
};
export const flag: Shape<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw new Mismatch(at, 'true or false');
  return value;
};
/** How SQLite keeps a boolean. */
export const bit: Shape<boolean> = (value, at) => {
  if (value !== 0 && value !== 1) throw new Mismatch(at, '0 or 1');
  return value === 1;
};
export const anything: Shape<unknown> = (value) => value;

export function literal<const T extends string>(wanted: T): Shape<T> {
  return (value, at) => {
    if (value !== wanted) throw new Mismatch(at, `"${wanted}"`);
    return wanted;
  };
}

/** One of a closed list, given as the keys of a record so that a name missing from it does not compile. */
export function keyOf<T extends string>(names: Readonly<Record<T, unknown>>): Shape<T> {
  const isName = (value: unknown): value is T => typeof value === 'string' && Object.hasOwn(names, value);
  return (value, at) => {
    if (!isName(value)) throw new Mismatch(at, `one of ${Object.keys(names).join(', ')}`);
    return value;
  };
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, at) => (value === null ? null : shape(value, at));
}

export function optional<T>(shape: Shape<T>): Optional<T> {
  return { optional: shape };
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw new Mismatch(at, 'a list');
    return value.map((entry: unknown, index) => shape(entry, `${at}[${index}]`));
  };
}

export function record<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, at) =>
    Object.fromEntries(
      Object.entries(parseFields(value, at)).map(([key, entry]) => [key, shape(entry, `${at}.${key}`)]),
    );
}

/** Fields the type does not know are left out. */
export function object<T extends object>(fields: Fields<T>): Shape<T> {
  const known: readonly (readonly [string, Shape<unknown> | Optional<unknown>])[] = Object.entries(fields);
  return (value, at) => {
    const given = parseFields(value, at);
    const found: Record<string, unknown> = {};
    for (const [key, shape] of known) {
      const where = at === '' ? key : `${at}.${key}`;
      if (typeof shape === 'function') found[key] = shape(given[key], where);
      else if (given[key] !== undefined) found[key] = shape.optional(given[key], where);
    }
    return found as T; // `Fields<T>` made sure that every field was looked at
  };
}

/** A discriminated union: the field `key` says which shape holds. */
export function tagged<T extends object, K extends keyof T & string>(
  key: K,
  shapes: { readonly [V in T[K] & string]: Shape<Extract<T, Readonly<Record<K, V>>>> },
): Shape<T> {
  const byTag = new Map<unknown, unknown>(Object.entries(shapes));
  return (value, at) => {
    const tag = parseFields(value, at)[key];
    const shape = byTag.get(tag) as Shape<T> | undefined;
    if (shape === undefined)
      throw new Mismatch(at === '' ? key : `${at}.${key}`, `one of ${[...byTag.keys()].join(', ')}`);
    return shape(value, at);
  };
}

function parseFields(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Mismatch(at, 'an object');
  return value as Readonly<Record<string, unknown>>;
}
