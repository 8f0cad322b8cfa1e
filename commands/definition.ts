import { SlashCommandBuilder, type SlashCommandOptionsOnlyBuilder } from '@discordjs/builders';
import type { Definition } from './command.ts';

type AddOption = (builder: SlashCommandOptionsOnlyBuilder) => SlashCommandOptionsOnlyBuilder;

/** A slash command that exists in guilds only. Required options must come first. */
export function slash(name: string, description: string, options: readonly AddOption[]): Definition {
  const empty = new SlashCommandBuilder().setName(name).setDescription(description);
  const builder = options.reduce<SlashCommandOptionsOnlyBuilder>((made, add) => add(made), empty);
  return { name, toJSON: () => ({ ...builder.toJSON(), contexts: [0], integration_types: [0] }) };
}

export function text(
  name: string,
  description: string,
  how: {
    readonly required?: boolean;
    readonly suggested?: boolean;
    readonly choices?: readonly string[];
  } = {},
): AddOption {
  return (builder) =>
    builder.addStringOption((option) => {
      option
        .setName(name)
        .setDescription(description)
        .setRequired(how.required ?? false);
      if (how.suggested === true) option.setAutocomplete(true);
      if (how.choices) option.addChoices(how.choices.map((value) => ({ name: value, value })));
      return option;
    });
}

/** Who makes a change true; the repository says, unless a person does. */
export const routeOption: AddOption = text(
  'route',
  'Who does it: Sentinel’s engine or the project’s pipeline (default: as the repository is set up)',
  { choices: ['engine', 'pipeline'] },
);

export function flag(name: string, description: string): AddOption {
  return (builder) => builder.addBooleanOption((option) => option.setName(name).setDescription(description));
}
