import type { CommandOption } from '../state.ts';

/** Why Discord's client would not take this value, or null. */
export function problemWith(option: CommandOption, value: string | number | boolean): string | null {
  const wanted = TYPE_NAMES[option.type] ?? 'string';
  if (typeof value !== wanted) return `wants a ${wanted}, not ${JSON.stringify(value)}`;
  const choices = option.choices ?? [];
  if (choices.length > 0 && !choices.some((choice) => choice.value === value))
    return `${JSON.stringify(value)} is none of ${choices.map((choice) => choice.value).join(', ')}`;
  if (typeof value === 'number') return problemWithNumber(option, value);
  return typeof value === 'string' && option.type === 3 ? problemWithText(option, value) : null;
}

const TYPE_NAMES: Readonly<Record<number, string>> = { 3: 'string', 4: 'number', 5: 'boolean', 10: 'number' };

function problemWithNumber({ type, min_value: min, max_value: max }: CommandOption, value: number) {
  if (type === 4 && !Number.isInteger(value)) return 'wants a whole number';
  if (min !== undefined && value < min) return `at least ${min}`;
  return max !== undefined && value > max ? `at most ${max}` : null;
}

function problemWithText({ required, min_length, max_length }: CommandOption, value: string) {
  const min = Math.max(min_length ?? 0, required === true ? 1 : 0);
  const max = max_length ?? 6000;
  if (value.length < min) return `at least ${min} characters`;
  return value.length > max ? `at most ${max} characters` : null;
}
