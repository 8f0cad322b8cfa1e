import type { Suggestions, SuggestQuery } from '../../view.ts';
import type { Leaf, Option } from './command-line.ts';
import { optionNamed, type Composer, type Move } from './composer.ts';

/** Something that can be chosen in the list above the message box. */
export interface Offer {
  readonly key: string;
  readonly title: string;
  readonly hint: string;
  readonly move: Move;
}
/** Answers of the bot, for the option they were asked for. */
export interface Answered {
  readonly option: string;
  readonly suggestions: Suggestions;
}

const BOOLEAN = 5;

/** What fits to what was typed. */
export function offersOf(
  composer: Composer,
  { leaves, answered }: { readonly leaves: readonly Leaf[]; readonly answered: Answered | null },
): readonly Offer[] {
  const { command, editing, text } = composer;
  if (command === null) return text.startsWith('/') ? commandOffers(leaves, text.slice(1)) : [];
  if (editing === null) return optionOffers(composer, command);
  const option = optionNamed(command, editing);
  if (option === null) return [];
  if (option.autocomplete === true)
    return answered?.option === editing ? answered.suggestions.map(choiceOffer) : [];
  return fixedChoices(option)
    .filter(({ name }) => fits(name, text))
    .map(choiceOffer);
}

function commandOffers(leaves: readonly Leaf[], text: string): readonly Offer[] {
  return leaves
    .filter(({ name }) => fits(name, text))
    .toSorted((one, other) => Number(other.name.startsWith(text)) - Number(one.name.startsWith(text)))
    .map(({ name, description }) => ({
      key: name,
      title: `/${name}`,
      hint: description,
      move: { do: 'command', name },
    }));
}

function optionOffers({ chips, text }: Composer, { options }: Leaf): readonly Offer[] {
  return options
    .filter(({ name }) => fits(name, text) && !chips.some(({ option }) => option === name))
    .map(({ name, description, required }) => ({
      key: name,
      title: name,
      hint: required === true ? description : `${description} (optional)`,
      move: { do: 'option', name },
    }));
}

function fixedChoices(option: Option): Suggestions {
  if (option.type !== BOOLEAN) return option.choices ?? [];
  return ['true', 'false'].map((value) => ({ name: value, value }));
}

function choiceOffer({ name, value }: Suggestions[number]): Offer {
  return {
    key: String(value),
    title: name,
    hint: '',
    move: { do: 'value', value: String(value), shown: name },
  };
}

function fits(name: string, text: string): boolean {
  return name.toLowerCase().includes(text.trim().toLowerCase());
}

/** What to ask the bot for the option being typed; null when it has nothing to suggest there. */
export function suggestQueryOf(
  { command, editing, chips, text }: Composer,
  { as, channel }: Pick<SuggestQuery, 'as' | 'channel'>,
): SuggestQuery | null {
  if (command === null || editing === null || optionNamed(command, editing)?.autocomplete !== true)
    return null;
  const filled = Object.fromEntries(chips.map(({ option, value }) => [option, value]));
  const options = { ...filled, [editing]: text };
  return { as, channel, command: command.name, options, focused: editing };
}
