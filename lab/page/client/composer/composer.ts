import {
  parseCommandLine,
  parseOptions,
  type Chip,
  type CommandLine,
  type Leaf,
  type Option,
} from './command-line.ts';

/** What is in the message box: a message, or a command with its options as chips. */
export interface Composer {
  /** What stands in the input: a message, the start of a command, or the value of the option being edited. */
  readonly text: string;
  readonly command: Leaf | null;
  readonly chips: readonly Chip[];
  /** The option whose value is typed. */
  readonly editing: string | null;
  readonly problem: string | null;
  /** The last command that was sent. */
  readonly last: string;
}

export const emptyComposer: Composer = {
  text: '',
  command: null,
  chips: [],
  editing: null,
  problem: null,
  last: '',
};

/** What a person does in the message box. */
export type Move =
  | { readonly do: 'type'; readonly text: string }
  | { readonly do: 'command'; readonly name: string }
  | { readonly do: 'option'; readonly name: string }
  | { readonly do: 'value'; readonly value: string; readonly shown: string }
  /** Done with this value, on to the next. */
  | { readonly do: 'settle' }
  /** Backspace where nothing is left to delete. */
  | { readonly do: 'backspace' }
  | { readonly do: 'escape' }
  /** Everything, whatever is being edited. */
  | { readonly do: 'clear' }
  /** Takes up the value of a chip again. */
  | { readonly do: 'edit'; readonly option: string }
  | { readonly do: 'remove'; readonly option: string }
  | { readonly do: 'fail'; readonly problem: string; readonly option: string | null }
  | { readonly do: 'recall' }
  | { readonly do: 'sent'; readonly line: string };

/** The message box after a move. */
export function decide(composer: Composer, move: Move, leaves: readonly Leaf[]): Composer {
  const state = { ...composer, problem: null };
  switch (move.do) {
    case 'type':
      return typed(state, move.text, leaves);
    case 'command':
      return commandOf(state, leaves.find(({ name }) => name === move.name) ?? null);
    case 'option':
      return { ...state, editing: move.name, text: '' };
    case 'value':
      return onward(withValue(state, { value: move.value, shown: move.shown }));
    case 'settle':
      return settled(state);
    case 'backspace':
      return backwards(state);
    case 'escape':
      return escaped(state);
    case 'clear':
      return { ...emptyComposer, last: state.last };
    case 'edit':
      return edit(settledValue(state), move.option);
    case 'remove':
      return { ...state, chips: state.chips.filter(({ option }) => option !== move.option) };
    case 'fail':
      return failed(state, move);
    case 'recall':
      return recalled(state, leaves);
    case 'sent':
      return { ...emptyComposer, last: move.line === '' ? state.last : move.line };
  }
}

/** An option of a command. */
export function optionNamed(leaf: Leaf | null, name: string | null): Option | null {
  return leaf?.options.find((option) => option.name === name) ?? null;
}

function recalled(state: Composer, leaves: readonly Leaf[]): Composer {
  return state.last === '' ? state : typed(state, state.last, leaves);
}

function typed(state: Composer, text: string, leaves: readonly Leaf[]): Composer {
  if (state.command === null) {
    const line = parseCommandLine(text, leaves);
    return line === null ? { ...state, text } : fromLine(state, line);
  }
  const { chips, rest } = parseOptions(text, state.command);
  if (chips.length === 0) return { ...state, text };
  const before = settledValue({ ...state, text: state.editing === null ? '' : rest });
  return lastEdited({ ...before, chips: joined(before.chips, chips) });
}

function fromLine(state: Composer, { leaf, chips, rest }: CommandLine): Composer {
  const filled = { ...state, command: leaf, chips: joined([], chips), editing: null, text: rest };
  if (chips.length > 0) return lastEdited({ ...filled, text: '' });
  return rest === '' ? onward(filled) : filled;
}

function commandOf(state: Composer, command: Leaf | null): Composer {
  return command === null ? state : onward({ ...state, command, chips: [], editing: null, text: '' });
}

/** The last of what was typed or pasted stays in the input, since it may go on. */
function lastEdited(state: Composer): Composer {
  const last = state.chips.at(-1);
  return last === undefined ? state : edit({ ...state, editing: null }, last.option);
}

function edit(state: Composer, name: string): Composer {
  const chip = state.chips.find(({ option }) => option === name);
  const chips = state.chips.filter(({ option }) => option !== name);
  return { ...state, chips, editing: name, text: chip?.shown ?? '' };
}

function joined(chips: readonly Chip[], more: readonly Chip[]): readonly Chip[] {
  return more.reduce((all, chip) => [...all.filter(({ option }) => option !== chip.option), chip], chips);
}

function withValue(state: Composer, value: Omit<Chip, 'option'>): Composer {
  if (state.editing === null) return state;
  const chips = joined(state.chips, [{ option: state.editing, ...value }]);
  return { ...state, chips, editing: null, text: '' };
}

function settledValue(state: Composer): Composer {
  const value = state.text.trim();
  return value === '' ? { ...state, editing: null, text: '' } : withValue(state, { value, shown: value });
}

/** To the next option that is required and still missing. */
function onward(state: Composer): Composer {
  const missing = state.command?.options.find(
    ({ name, required }) => required === true && !state.chips.some(({ option }) => option === name),
  );
  return missing === undefined ? state : { ...state, editing: missing.name, text: '' };
}

function settled(state: Composer): Composer {
  return state.editing === null || state.text.trim() === '' ? state : onward(settledValue(state));
}

function backwards(state: Composer): Composer {
  if (state.text !== '' || state.command === null) return state;
  if (state.editing !== null && state.chips.length > 0) return { ...state, editing: null };
  if (state.chips.length > 0) return { ...state, chips: state.chips.slice(0, -1) };
  return { ...emptyComposer, last: state.last, text: `/${state.command.name}` };
}

function escaped(state: Composer): Composer {
  return state.editing === null
    ? { ...emptyComposer, last: state.last }
    : { ...state, editing: null, text: '' };
}

function failed(state: Composer, { problem, option }: Extract<Move, { do: 'fail' }>): Composer {
  const at = option === null || option === state.editing ? state : edit(settledValue(state), option);
  return { ...at, problem };
}
