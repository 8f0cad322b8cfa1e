import { refuse } from '../api-error.ts';
import { createForm } from '../form.ts';
import type { MessageBody } from '../message-body.ts';
import type { Component } from '../state.ts';
import { checkComponents } from './components.ts';
import { checkEmbeds } from './embeds.ts';

export const EPHEMERAL = 1 << 6;
export const LOADING = 1 << 7;
export const HAS_THREAD = 1 << 5;
export const COMPONENTS_V2 = 1 << 15;
const SETTABLE = (1 << 2) | EPHEMERAL | (1 << 12) | (1 << 13) | COMPONENTS_V2;

/** Refuses what Discord would: 50035 with every place, or 50006 when nothing would be shown. */
export function checkMessage(body: MessageBody, result: ResultingMessage): void {
  const form = createForm();
  const v2 = (result.flags & COMPONENTS_V2) !== 0;
  const unknownFlags = (body.flags ?? 0) & ~(SETTABLE | result.keptFlags);
  if (unknownFlags !== 0) form.add('flags', 'MESSAGE_FLAGS_INVALID', `Flags ${unknownFlags} cannot be set.`);
  const wasV2 = (result.keptFlags & COMPONENTS_V2) !== 0;
  if (wasV2 && typeof body.flags === 'number' && (body.flags & COMPONENTS_V2) === 0)
    form.add(
      'flags',
      'MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG',
      'The components V2 flag cannot be removed.',
    );
  if (v2)
    for (const [key, used] of [
      ['content', result.content !== ''],
      ['embeds', result.embeds > 0],
    ] as const)
      if (used)
        form.add(
          key,
          'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
          `The '${key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
        );
  form.text('nonce', typeof body.nonce === 'number' ? String(body.nonce) : body.nonce, { max: 25 });
  checkMentions(form, body);
  checkEmbeds(form, body.embeds ?? []);
  checkComponents(form, body.components ?? [], v2);
  form.settle();
  const empty = v2
    ? result.components.length === 0
    : result.content.trim() === '' && result.embeds + result.attachments + result.components.length === 0;
  if (empty) throw refuse('emptyMessage');
}

/** The message as it would be afterwards. */
export interface ResultingMessage {
  readonly content: string;
  readonly embeds: number;
  readonly attachments: number;
  readonly components: readonly Component[];
  readonly flags: number;
  /** Flags it already has: an edit may repeat them. */
  readonly keptFlags: number;
}

function checkMentions(
  form: ReturnType<typeof createForm>,
  { allowed_mentions: allowed }: MessageBody,
): void {
  if (allowed === undefined || allowed === null) return;
  for (const kind of ['users', 'roles'] as const) {
    form.list(`allowed_mentions.${kind}`, allowed[kind], 0, 100);
    if ((allowed.parse ?? []).includes(kind) && (allowed[kind] ?? []).length > 0)
      form.add(
        'allowed_mentions',
        'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
        `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
      );
  }
  for (const [index, kind] of (allowed.parse ?? []).entries())
    if (!['users', 'roles', 'everyone'].includes(kind))
      form.add(
        `allowed_mentions.parse.${index}`,
        'BASE_TYPE_CHOICES',
        `Value must be one of {'everyone', 'users', 'roles'}.`,
      );
}
