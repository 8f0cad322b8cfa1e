import {
  ButtonStyle,
  ComponentType,
  type APIActionRowComponent,
  type APIComponentInMessageActionRow,
  type APIEmbed,
  type APIMessageTopLevelComponent,
} from 'discord.js';
import type { Control, Embed, Field, Message, Picture, TextFile } from './message.ts';

const most = {
  content: 2_000,
  embeds: 10,
  total: 6_000,
  title: 256,
  description: 4_096,
  fields: 25,
  fieldName: 256,
  fieldValue: 1_024,
  footer: 2_048,
  rows: 5,
  buttons: 5,
  label: 80,
  url: 512,
  customId: 100,
  choices: 25,
  choice: 100,
  placeholder: 150,
  files: 10,
  fileSize: 4_000_000,
  /** Of a picture in words. */
  imageText: 1_024,
} as const;

/** What is sent to Discord. */
export interface Fitted {
  readonly content: string;
  readonly embeds: readonly APIEmbed[];
  readonly components: readonly APIMessageTopLevelComponent[];
  readonly mention: readonly string[];
  readonly files: readonly TextFile[];
  readonly picture: Picture | null;
}

/** The one place that knows Discord's limits: cuts with a marker and attaches the whole text when it had to. */
export function fit(message: Message): Fitted {
  const embeds = shrink(message.embeds.slice(0, most.embeds).map(fitEmbed));
  const cut = JSON.stringify(embeds).includes('✂');
  const files = [...(message.files ?? []), ...(cut && message.whole ? [message.whole] : [])];
  const { picture } = message;
  return {
    content: clip(message.content ?? '', most.content),
    embeds: embeds.map(toApi),
    components: fitRows(message.rows ?? []),
    mention: message.mention ?? [],
    picture: picture ? { ...picture, description: clip(picture.description, most.imageText) } : null,
    files: files
      .slice(0, picture ? most.files - 1 : most.files)
      .map(({ name, text }) => ({ name, text: clip(text === '' ? '(empty)' : text, most.fileSize) })),
  };
}

/** At most `limit` characters; says so, closes an open code block and never splits a character. */
export function clip(text: string, limit: number): string {
  const trimmed = text.trim();
  if (trimmed.length <= limit) return trimmed;
  const marker = limit > 40 ? '… ✂ cut' : '…';
  const room = limit - marker.length - 4; // 4: an open code block may have to be closed
  const kept = trimmed.slice(0, Math.max(0, room)).replace(/[\ud800-\udbff]$/, '');
  const open = kept.split('```').length % 2 === 0;
  return open
    ? `${kept.replace(/`+$/, '')}${marker}\n\`\`\``
    : `${kept.replace(/(?<!`)`{1,2}$|\\$/, '')}${marker}`;
}

function fitEmbed(embed: Embed): Embed {
  const fields = embed.fields ?? [];
  const kept = fields.length > most.fields ? fields.slice(0, most.fields - 1) : fields;
  const rest = fields.length - kept.length;
  const more: Field[] = rest > 0 ? [{ name: '✂', value: `and ${rest} more` }] : [];
  return {
    ...embed,
    title: clip(embed.title, most.title),
    ...(embed.description === undefined ? {} : { description: clip(embed.description, most.description) }),
    ...(embed.footer === undefined ? {} : { footer: clip(embed.footer, most.footer) }),
    fields: [...kept, ...more].map((field) => ({
      ...field,
      name: clip(field.name, most.fieldName) || '—',
      value: clip(field.value, most.fieldValue) || '—',
    })),
  };
}

/** Takes from the longest text until all embeds together fit; drops the last fields only when that is not enough. */
function shrink(embeds: readonly Embed[]): readonly Embed[] {
  let fitted = [...embeds];
  for (let over = sizeOf(fitted) - most.total; over > 0; over = sizeOf(fitted) - most.total) {
    const longest = longestText(fitted);
    const index = longest?.embed ?? fitted.length - 1;
    const embed = fitted[index];
    if (!embed) return fitted;
    const shorter = longest && longest.size > 120 ? shorten(embed, longest, over) : dropLast(embed);
    fitted = shorter === null ? fitted.filter((_, at) => at !== index) : fitted.with(index, shorter);
  }
  return fitted;
}

interface Spot {
  readonly embed: number;
  /** Null: the description. */
  readonly field: number | null;
  readonly size: number;
}

function longestText(embeds: readonly Embed[]): Spot | undefined {
  const spots = embeds.flatMap((embed, at): Spot[] => [
    { embed: at, field: null, size: embed.description?.length ?? 0 },
    ...(embed.fields ?? []).map(({ value }, field) => ({ embed: at, field, size: value.length })),
  ]);
  return spots.toSorted((a, b) => b.size - a.size)[0];
}

function shorten(embed: Embed, { field, size }: Spot, over: number): Embed {
  const limit = Math.max(100, size - over);
  if (field === null) return { ...embed, description: clip(embed.description ?? '', limit) };
  const fields = (embed.fields ?? []).map((each, at) =>
    at === field ? { ...each, value: clip(each.value, limit) } : each,
  );
  return { ...embed, fields };
}

function dropLast(embed: Embed): Embed | null {
  const fields = embed.fields ?? [];
  if (fields.length === 0) return null;
  return { ...embed, fields: fields.slice(0, -1), footer: clip(`✂ ${embed.footer ?? ''}`, most.footer) };
}

function sizeOf(embeds: readonly Embed[]): number {
  const texts = embeds.flatMap(({ title, description, footer, fields }) => [
    title,
    description ?? '',
    footer ?? '',
    ...(fields ?? []).flatMap(({ name, value }) => [name, value]),
  ]);
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function toApi({ title, description, colour, fields, footer, timestamp }: Embed): APIEmbed {
  return {
    ...(title === '' ? {} : { title }),
    ...(description === undefined || description === '' ? {} : { description }),
    color: colour,
    ...(fields && fields.length > 0 ? { fields: [...fields] } : {}),
    ...(footer === undefined || footer === '' ? {} : { footer: { text: footer } }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

function fitRows(rows: readonly (readonly Control[])[]): readonly APIMessageTopLevelComponent[] {
  const seen = new Set<string>();
  const usable = (control: Control): boolean => {
    if (control.kind === 'link') return control.url.length <= most.url;
    if (seen.has(control.id) || control.id.length > most.customId) return false;
    seen.add(control.id);
    return control.kind === 'button' || control.choices.length > 0;
  };
  return rows
    .map((row) => row.filter(usable).slice(0, most.buttons).map(toComponent))
    .filter((components) => components.length > 0)
    .slice(0, most.rows)
    .map(
      (components): APIActionRowComponent<APIComponentInMessageActionRow> & APIMessageTopLevelComponent => ({
        type: ComponentType.ActionRow,
        components,
      }),
    );
}

const styles = {
  primary: ButtonStyle.Primary,
  secondary: ButtonStyle.Secondary,
  success: ButtonStyle.Success,
  danger: ButtonStyle.Danger,
} as const;

function toComponent(control: Control): APIComponentInMessageActionRow {
  if (control.kind === 'select')
    return {
      type: ComponentType.StringSelect,
      custom_id: control.id,
      placeholder: clip(control.placeholder, most.placeholder),
      options: control.choices.slice(0, most.choices).map(({ label, value, hint }) => ({
        label: clip(label, most.choice),
        value,
        ...(hint === undefined || hint === '' ? {} : { description: clip(hint, most.choice) }),
      })),
    };
  const label = clip(control.label, most.label);
  return control.kind === 'link'
    ? { type: ComponentType.Button, style: ButtonStyle.Link, label, url: control.url }
    : { type: ComponentType.Button, style: styles[control.style], label, custom_id: control.id };
}
