import type { Result } from '../types.ts';
import type { Definition } from './definition.ts';

/** What became of one service file; a broken one still has a name, so that people can be told about it. */
export interface ReadDefinition {
  readonly name: string;
  readonly result: Result<Definition>;
}
export interface DefinitionCache {
  get(key: string, read: () => ReadDefinition): ReadDefinition;
}

/** Keeps the definitions used last; the key names the content, so an entry can never be out of date. */
export function createDefinitionCache(limit = 5000): DefinitionCache {
  const entries = new Map<string, ReadDefinition>();
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
