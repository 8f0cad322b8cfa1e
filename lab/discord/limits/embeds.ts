import type { APIEmbed } from 'discord.js';
import type { Form } from '../form.ts';

/** Every length of §2, field by field, and the 6,000 characters over all embeds of a message. */
export function checkEmbeds(form: Form, embeds: readonly APIEmbed[]): void {
  form.list('embeds', embeds, 0, 10);
  for (const [index, embed] of embeds.entries()) checkEmbed(form, `embeds.${index}`, embed);
  if (embeds.reduce((sum, embed) => sum + sizeOf(embed), 0) > 6000)
    form.add('embeds', 'MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum size of 6000');
}

function checkEmbed(form: Form, path: string, embed: APIEmbed): void {
  form.text(`${path}.title`, embed.title, { max: 256 });
  form.text(`${path}.description`, embed.description, { max: 4096 });
  form.number(`${path}.color`, embed.color, 0, 0xffffff);
  if (embed.footer) form.text(`${path}.footer.text`, embed.footer.text, { max: 2048, required: true });
  if (embed.author) form.text(`${path}.author.name`, embed.author.name, { max: 256, required: true });
  if (embed.timestamp !== undefined && Number.isNaN(Date.parse(embed.timestamp)))
    form.add(`${path}.timestamp`, 'DATE_TIME_TYPE_PARSE', `Could not parse ${embed.timestamp}.`);
  form.list(`${path}.fields`, embed.fields, 0, 25);
  for (const [index, field] of (embed.fields ?? []).entries()) {
    form.text(`${path}.fields.${index}.name`, field.name, { max: 256, required: true });
    form.text(`${path}.fields.${index}.value`, field.value, { max: 1024, required: true });
  }
  for (const [key, url] of urlsOf(embed))
    if (!/^(https?|attachment):\/\//.test(url))
      form.add(
        `${path}.${key}`,
        'URL_TYPE_INVALID_SCHEME',
        `Scheme "${url.split(':')[0] ?? ''}" is not supported. Scheme must be one of ('http', 'https').`,
      );
  if (isEmpty(embed)) form.add(path, 'BASE_TYPE_REQUIRED', 'This field is required');
}

function urlsOf(embed: APIEmbed): readonly (readonly [string, string])[] {
  const places: readonly (readonly [string, string | undefined])[] = [
    ['url', embed.url],
    ['image.url', embed.image?.url],
    ['thumbnail.url', embed.thumbnail?.url],
    ['author.url', embed.author?.url],
    ['author.icon_url', embed.author?.icon_url],
    ['footer.icon_url', embed.footer?.icon_url],
  ];
  return places.flatMap(([key, url]) => (url === undefined ? [] : [[key, url] as const]));
}

function isEmpty({ title, description, fields, image, thumbnail, author, footer }: APIEmbed): boolean {
  const texts = [title, description].every((text) => text === undefined || text.trim() === '');
  return texts && (fields ?? []).length === 0 && !image && !thumbnail && !author && !footer;
}

function sizeOf({ title, description, footer, author, fields }: APIEmbed): number {
  const texts = [title, description, footer?.text, author?.name];
  const all = [...texts, ...(fields ?? []).flatMap(({ name, value }) => [name, value])];
  return all.reduce((sum, text) => sum + (text ?? '').trim().length, 0);
}
