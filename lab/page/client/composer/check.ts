import type { Values } from '../../view.ts';
import type { Chip, Leaf, Option } from './command-line.ts';
import { optionNamed, type Composer } from './composer.ts';

/** What can be sent, or why not and which option is to blame. */
export type Checked =
  | {
      readonly kind: 'command';
      readonly name: string;
      readonly options: Values;
      readonly chips: readonly Chip[];
    }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wrong'; readonly problem: string; readonly option: string | null };

const TYPES = { integer: 4, boolean: 5, number: 10 } as const;

/** Checks what is in the message box, before it is sent. */
export function checkComposer(composer: Composer): Checked {
  const { command, text } = composer;
  if (command !== null) return checkCommand(command, composer);
  const said = text.trim();
  if (said === '') return { kind: 'nothing' };
  if (!said.startsWith('/')) return { kind: 'message', text: said };
  return {
    kind: 'wrong',
    problem: `There is no command ${said.split(' ')[0] ?? said} for you.`,
    option: null,
  };
}

/** The options with what is being typed for the last of them. */
export function settledChips({ chips, editing, text }: Composer): readonly Chip[] {
  const value = text.trim();
  return editing === null || value === '' ? chips : [...chips, { option: editing, value, shown: value }];
}

function checkCommand(leaf: Leaf, composer: Composer): Checked {
  const stray = composer.editing === null ? composer.text.trim() : '';
  if (stray !== '') return wrong(strayProblem(stray, leaf), null);
  const chips = settledChips(composer);
  const missing = leaf.options.find(
    ({ name, required }) => required === true && !chips.some(({ option }) => option === name),
  );
  if (missing !== undefined)
    return wrong(`/${leaf.name} still needs “${missing.name}”: ${missing.description}.`, missing.name);
  const values: Record<string, string | number | boolean> = {};
  for (const { option: name, value } of chips) {
    const option = optionNamed(leaf, name);
    if (option === null) continue;
    const read = readValue(option, value);
    if (!read.ok) return wrong(`“${name}” ${read.problem}.`, name);
    values[name] = read.value;
  }
  return { kind: 'command', name: leaf.name, options: values, chips };
}

function wrong(problem: string, option: string | null): Checked {
  return { kind: 'wrong', problem: problem.replace(/\.+$/, '.'), option };
}

function strayProblem(stray: string, { name, options }: Leaf): string {
  if (options.length === 0) return `/${name} takes no options; remove “${stray}”.`;
  return `“${stray}” belongs to no option of /${name}: ${options.map((option) => option.name).join(', ')}.`;
}

type Read =
  | { readonly ok: true; readonly value: string | number | boolean }
  | { readonly ok: false; readonly problem: string };

function readValue(option: Option, text: string): Read {
  const { choices = [] } = option;
  if (choices.length > 0) {
    const choice = choices.find(({ name, value }) => String(value) === text || name === text);
    const offered = choices.map(({ name }) => name).join(', ');
    return choice === undefined ? no(`must be one of ${offered}`) : { ok: true, value: choice.value };
  }
  switch (option.type) {
    case TYPES.boolean:
      return /^(true|false)$/i.test(text)
        ? { ok: true, value: text.toLowerCase() === 'true' }
        : no('must be true or false');
    case TYPES.integer:
    case TYPES.number:
      return readNumber(option, Number(text));
    default:
      return readText(option, text);
  }
}

function readNumber({ type, min_value: min, max_value: max }: Option, value: number): Read {
  if (Number.isNaN(value)) return no('must be a number');
  if (type === TYPES.integer && !Number.isInteger(value)) return no('must be a whole number');
  if (min !== undefined && value < min) return no(`must be at least ${min}`);
  return max !== undefined && value > max ? no(`must be at most ${max}`) : { ok: true, value };
}

function readText({ min_length: min = 0, max_length: max = 6000 }: Option, value: string): Read {
  if (value.length < min) return no(`needs at least ${min} characters`);
  return value.length > max ? no(`takes at most ${max} characters`) : { ok: true, value };
}

function no(problem: string): Read {
  return { ok: false, problem };
}
