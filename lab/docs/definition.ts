import {
  ApplicationCommandOptionType,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord.js';

export interface Option {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly type: 'text' | 'flag';
  readonly suggested: boolean;
  readonly choices: readonly string[];
}
export interface Definition {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Option[];
}

/** What Discord is told about a slash command. */
export function parseDefinition(value: unknown): Definition {
  if (!isBody(value)) throw new Error('not the definition of a slash command');
  const options = (value.options ?? []).map((option): Option => {
    const { name, description, required = false } = option;
    const choices = 'choices' in option ? (option.choices ?? []).map((choice) => String(choice.value)) : [];
    const suggested = 'autocomplete' in option && option.autocomplete;
    const type = option.type === ApplicationCommandOptionType.Boolean ? 'flag' : 'text';
    return { name, description, required, suggested, choices, type };
  });
  return { name: value.name, description: value.description, options };
}

function isBody(value: unknown): value is RESTPostAPIChatInputApplicationCommandsJSONBody {
  return typeof value === 'object' && value !== null && 'name' in value && 'description' in value;
}
