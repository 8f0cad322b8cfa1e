import type { Result } from '../types.ts';
import type { Definition } from './definition.ts';

export interface DefinitionCache {
  get(key: string, read: () => Result<Definition>): Result<Definition>;
}

/** Keeps the definitions used last; the key names the content, so an entry can never be out of date. */
export function createDefinitionCache(limit = 5000): DefinitionCache {
  const entries = new Map<string, Result<Definition>>();
  return {
    get(key, read) {
      const result = entries.get(key) ?? read();
      entries.delete(key); // moves it to the end: the oldest come first
      entries.set(key, result);
      const oldest = entries.keys().next().value;
      if (entries.size > limit && oldest !== undefined) entries.delete(oldest);
      return result;
    },
  };
}
