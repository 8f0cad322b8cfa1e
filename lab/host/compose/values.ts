import { isMapping, type Mapping } from './check.ts';
import { invalidFile } from './compose-error.ts';
import type { Yaml } from './interpolate.ts';

/** A scalar as text. */
export function textOf(value: Yaml | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function listOf(value: Yaml | undefined): readonly Yaml[] {
  if (value === undefined || value === null) return [];
  return isList(value) ? value : [value];
}
const isList = (value: Yaml): value is readonly Yaml[] => Array.isArray(value);

/** `[A=b]` or `{A: b}` as pairs; null means the value comes from the environment. */
export function pairsOf(value: Yaml | undefined): readonly (readonly [string, string | null])[] {
  if (isMapping(value))
    return Object.entries(value).map(([key, item]) => [key, item === null ? null : textOf(item)]);
  return listOf(value).map((item) => {
    const text = textOf(item);
    const equals = text.indexOf('=');
    return equals < 0 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
  });
}

/** A command as words; a string is split like a shell would. */
export function wordsOf(value: Yaml | undefined): readonly string[] {
  if (typeof value !== 'string') return listOf(value).map(textOf);
  const words = value.match(/(?:[^\s"']+|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
      (_, double?: string, single?: string) => double ?? single ?? '',
    ),
  );
}

/** `1m30s` as milliseconds. */
export function durationOf(value: Yaml | undefined, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const text = textOf(value);
  const units: Readonly<Record<string, number>> = {
    us: 0.001,
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
    d: 86_400_000,
  };
  if (!/^(\d+(\.\d+)?(us|ms|s|m|h|d))+$/.test(text) && text !== '0')
    throw invalidFile(`${path}: time: invalid duration "${text}"`);
  let total = 0;
  for (const [, amount = '0', unit = 's'] of text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h|d)/g))
    total += Number(amount) * (units[unit] ?? 0);
  return total;
}

export const booleanOf = (value: Yaml | undefined): boolean => value === true || value === 'true';

export const mappingOf = (value: Yaml | undefined): Mapping => (isMapping(value) ? value : {});
