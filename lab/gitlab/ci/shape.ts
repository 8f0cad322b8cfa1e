export type Shape = Readonly<Record<string, unknown>>;

/** The value as a mapping; an empty one where it is something else. */
export function object(value: unknown): Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The value as a list; a single one is a list of one. */
export function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map((each: unknown) => each) : [value];
}

/** The value as text, numbers and truth values too. */
export function text(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

export function texts(value: unknown): readonly string[] {
  return list(value).flatMap((each) => text(each) ?? []);
}

export function flag(value: unknown, usual: boolean): boolean {
  return typeof value === 'boolean' ? value : usual;
}
