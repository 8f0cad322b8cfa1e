import type { APIComponentInContainer, APIComponentInMessageActionRow, APIEmbed } from 'discord.js';
import { fit } from '../../../bot/render/limits.ts';
import type { Message } from '../../../bot/render/message.ts';

/** A message as a person would read it, so that a review can. */
export function shown(message: Message): string {
  const { content, embeds, components, files } = fit(message);
  const controls = components.flatMap((row) => ('components' in row ? row.components.map(controlText) : []));
  return [
    ...(content === '' ? [] : [content]),
    ...embeds.map(embedText),
    ...(controls.length === 0 ? [] : [controls.join(' ')]),
    ...files.map(({ name }) => `📎 ${name}`),
  ].join('\n');
}

export function embedText({ title, description, fields, footer }: APIEmbed): string {
  return [
    title ?? '',
    ...(description === undefined ? [] : [description]),
    ...(fields ?? []).map(({ name, value }) => `${name}\n${value.replaceAll(/^/gm, '  ')}`),
    ...(footer ? [`(${footer.text})`] : []),
  ].join('\n');
}

function controlText(control: APIComponentInMessageActionRow | APIComponentInContainer): string {
  if ('label' in control && typeof control.label === 'string') return `[${control.label}]`;
  return 'placeholder' in control ? `[${control.placeholder ?? ''} ▾]` : '[?]';
}
