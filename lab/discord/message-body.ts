import type { APIEmbed } from 'discord.js';
import { refuse } from './api-error.ts';
import { createForm } from './form.ts';
import { asList, isRecord } from '../json.ts';
import type { AllowedMentions } from './mentions.ts';
import type { Component } from './state.ts';

/** What a create or an edit may carry. `undefined`: left as it is. `null`: emptied. */
export interface MessageBody {
  readonly content?: string | null;
  readonly embeds?: readonly APIEmbed[] | null;
  readonly components?: readonly Component[] | null;
  readonly attachments?: readonly AttachmentEntry[] | null;
  readonly flags?: number | null;
  readonly allowed_mentions?: AllowedMentions | null;
  readonly nonce?: string | number | null;
  readonly enforce_nonce?: boolean;
  readonly message_reference?: { readonly message_id: string; readonly fail_if_not_exists?: boolean } | null;
  readonly tts?: boolean;
}
export interface AttachmentEntry {
  readonly id: string | number;
  readonly filename?: string;
  readonly description?: string | null;
}

/** Checks the outer shape; the limits look at what is inside. */
export function parseMessageBody(raw: unknown): MessageBody {
  if (!isRecord(raw)) throw refuse('notJson');
  const form = createForm();
  for (const key of ['embeds', 'components', 'attachments'])
    if (raw[key] !== undefined && raw[key] !== null) records(key, raw[key]);
  if (raw['flags'] !== undefined && raw['flags'] !== null && !Number.isInteger(raw['flags']))
    form.add('flags', 'NUMBER_TYPE_COERCE', `Value "${JSON.stringify(raw['flags'])}" is not int.`);
  for (const key of ['allowed_mentions', 'message_reference'])
    if (raw[key] !== undefined && raw[key] !== null && !isRecord(raw[key]))
      form.add(key, 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType');
  form.text('content', raw['content'], { max: 2000 });
  form.settle();
  return raw;

  function records(path: string, value: unknown) {
    if (!Array.isArray(value))
      form.add(path, 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType');
    for (const [index, entry] of asList(value).entries())
      if (!isRecord(entry))
        form.add(`${path}.${index}`, 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType');
      else if (path === 'components') records(`${path}.${index}.components`, entry['components'] ?? []);
  }
}
