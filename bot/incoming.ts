import { ApplicationCommandOptionType, ComponentType, InteractionType } from 'discord.js';
import type { Options } from '../commands/index.ts';
import { fieldsOf, type Actor } from '../engine/index.ts';

/** An interaction as far as the bot reads it. Everything in it comes from outside. */
export interface Incoming {
  readonly id: string;
  readonly token: string;
  readonly application: string;
  readonly guild: string | null;
  readonly actor: Actor;
  readonly asks: Asks;
}
export type Asks =
  | { readonly kind: 'command'; readonly name: string; readonly options: Options }
  | {
      readonly kind: 'autocomplete';
      readonly name: string;
      readonly options: Options;
      readonly focused: string;
      readonly typed: string;
    }
  | { readonly kind: 'button'; readonly customId: string }
  | { readonly kind: 'select'; readonly customId: string; readonly values: readonly string[] }
  | {
      readonly kind: 'modal';
      readonly customId: string;
      readonly fields: Readonly<Record<string, string>>;
      /** Opened from a message, so that message can be updated. */
      readonly fromMessage: boolean;
    };

/**
 * Reads the gateway's own payload, not the library's object for it: the library drops roles it has not cached.
 * Null for kinds of interactions we do not have.
 */
export function parseIncoming(payload: unknown): Incoming | null {
  const top = fieldsOf(payload);
  const asks = parseAsks(top);
  const member = fieldsOf(top['member']);
  const user = fieldsOf(member['user'] ?? top['user']);
  const [id, token, application] = [text(top['id']), text(top['token']), text(top['application_id'])];
  const userId = text(user['id']);
  if (!asks || id === '' || token === '' || userId === '') return null;
  return {
    ...{ id, token, application, asks },
    guild: text(top['guild_id']) || null,
    actor: {
      id: `discord:${userId}`,
      name: text(member['nick']) || text(user['global_name']) || text(user['username']) || userId,
      roles: list(member['roles']).filter((role) => typeof role === 'string'),
    },
  };
}

function parseAsks(top: ReturnType<typeof fieldsOf>): Asks | null {
  const sent = fieldsOf(top['data']);
  switch (top['type']) {
    case InteractionType.ApplicationCommand:
      return { kind: 'command', name: text(sent['name']), options: parseOptions(sent) };
    case InteractionType.ApplicationCommandAutocomplete: {
      const focused = list(sent['options'])
        .map(fieldsOf)
        .find((option) => option['focused'] === true);
      return {
        ...{ kind: 'autocomplete', name: text(sent['name']), options: parseOptions(sent) },
        ...{ focused: text(focused?.['name']), typed: text(focused?.['value']) },
      };
    }
    case InteractionType.MessageComponent: {
      const customId = text(sent['custom_id']);
      if (sent['component_type'] === ComponentType.Button) return { kind: 'button', customId };
      const values = list(sent['values']).filter((value) => typeof value === 'string');
      return { kind: 'select', customId, values };
    }
    case InteractionType.ModalSubmit:
      return {
        ...{ kind: 'modal', customId: text(sent['custom_id']), fields: parseFields(sent['components']) },
        fromMessage: typeof top['message'] === 'object' && top['message'] !== null,
      };
    default:
      return null;
  }
}

function parseOptions(sent: ReturnType<typeof fieldsOf>): Options {
  const options = list(sent['options']).map(fieldsOf);
  const find = (name: string, type: ApplicationCommandOptionType): unknown =>
    options.find((option) => option['name'] === name && option['type'] === type)?.['value'];
  return {
    text: (name) => text(find(name, ApplicationCommandOptionType.String)).trim() || null,
    flag: (name) => find(name, ApplicationCommandOptionType.Boolean) === true,
  };
}

/** Values by custom id, from labels and from the older rows alike. */
function parseFields(components: unknown): Readonly<Record<string, string>> {
  const inputs = list(components)
    .map(fieldsOf)
    .flatMap((holder) => [fieldsOf(holder['component']), ...list(holder['components']).map(fieldsOf)]);
  return Object.fromEntries(
    inputs
      .filter((input) => typeof input['value'] === 'string')
      .map((input) => [text(input['custom_id']), text(input['value'])]),
  );
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
