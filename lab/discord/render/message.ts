import type { APIEmbed } from 'discord.js';
import { LOADING } from '../limits/message.ts';
import type { Component, DiscordState, LabAttachment, LabMessage } from '../state.ts';
import { coloured, plain } from './ink.ts';
import { readMarkdown, timeZone, type Reader } from './markdown.ts';
import { isMoment, showTime } from '../show-time.ts';
import { padTo, widthOf, wrap } from './width.ts';

export interface RenderOptions {
  /** Columns; 80 unless told. */
  readonly width?: number;
  readonly colour?: boolean;
  /** The moment of reading, for relative times. */
  readonly now?: number;
  /** For the author, the names behind mentions and the thread. */
  readonly state?: DiscordState;
}

interface Page extends Reader {
  readonly width: number;
}

/** A message as a person would see it, in a terminal. */
export function renderMessage(message: LabMessage, options: RenderOptions = {}): string {
  const { width = 80, colour = false, now = Date.now(), state } = options;
  const page: Page = {
    width,
    now,
    ink: colour ? coloured : plain,
    ...(state === undefined ? {} : { state }),
  };
  const loading = (message.flags & LOADING) !== 0;
  const parts = [
    [headOf(message, page)],
    loading ? [page.ink.dim('… is thinking')] : [],
    message.content === '' ? [] : paragraph(message.content, page),
    ...message.embeds.map((embed) => embedLines(embed, page)),
    ...message.components.map((component) => componentLines(component, page)),
    message.attachments.map((attachment) => `📎 ${attachment.filename} ${page.ink.dim(sizeOf(attachment))}`),
    message.reactions.length === 0
      ? []
      : [message.reactions.map(({ emoji, users }) => `${emoji} ${users.length}`).join('  ')],
    threadLines(message, page),
    message.visibleTo === null ? [] : [page.ink.dim('👁  Only you can see this')],
  ];
  return parts.flat().join('\n');
}

function headOf(message: LabMessage, { ink, state, now }: Page): string {
  const author = state?.users.get(message.authorId);
  const badge = author?.bot === true ? ` ${ink.button(1, ink.colour ? ' APP ' : '[APP]')}` : '';
  const time = ink.dim(showTime(message.createdAt, 't', { now, timeZone }));
  const edited = message.editedAt === null ? '' : ink.dim(' (edited)');
  return `${ink.bold(author?.name ?? 'somebody')}${badge} ${time}${ink.dim(causeOf(message, state))}${edited}`;
}

function causeOf({ interactionId }: LabMessage, state: DiscordState | undefined): string {
  const asked = state?.interactions.get(interactionId ?? '');
  const asker = state?.users.get(asked?.userId ?? '');
  return asked?.kind === 'command' && asker !== undefined ? ` · ${asker.name} used /${asked.name}` : '';
}

function paragraph(text: string, page: Page): readonly string[] {
  return wrap(readMarkdown(text, page), page.width);
}

function embedLines(embed: APIEmbed, page: Page): readonly string[] {
  const { ink } = page;
  const inner = { ...page, width: page.width - 2 };
  const blocks = [
    embed.author === undefined ? [] : wrap(ink.bold(embed.author.name), inner.width),
    embed.title === undefined ? [] : wrap(embed.title, inner.width).map((line) => ink.bold(line)),
    embed.description === undefined ? [] : paragraph(embed.description, inner),
    ...fieldRows(embed.fields ?? []).map((row) => columns(row, inner)),
    footerOf(embed, inner),
  ].filter((block) => block.length > 0);
  const stripe = ink.rgb(embed.color ?? 0x4f545c, '┃');
  const lines = blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block]));
  return lines.map((line) => `${stripe} ${line}`.trimEnd());
}

type Field = NonNullable<APIEmbed['fields']>[number];

/** Up to three inline fields stand side by side. */
function fieldRows(fields: readonly Field[]): readonly (readonly Field[])[] {
  const rows: Field[][] = [];
  for (const field of fields) {
    const last = rows.at(-1);
    const fits =
      last !== undefined && last.length < 3 && field.inline === true && last.every(({ inline }) => inline);
    if (fits) last.push(field);
    else rows.push([field]);
  }
  return rows;
}

function columns(row: readonly Field[], page: Page): readonly string[] {
  const gap = 2;
  const width = Math.floor((page.width - gap * (row.length - 1)) / row.length);
  const cells = row.map(({ name, value }) => [
    ...wrap(readMarkdown(name, page), width).map((line) => page.ink.bold(line)),
    ...paragraph(value, { ...page, width }),
  ]);
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell) => padTo(cell[line] ?? '', width))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

function footerOf({ footer, timestamp }: APIEmbed, { ink, now, width }: Page): readonly string[] {
  const at = Date.parse(timestamp ?? '');
  const time = isMoment(at) ? [showTime(at, 'f', { now, timeZone })] : [];
  const text = [...(footer === undefined ? [] : [footer.text]), ...time].join(' • ');
  return text === '' ? [] : wrap(text, width).map((line) => ink.dim(line));
}

function componentLines(component: Component, page: Page): readonly string[] {
  const { ink } = page;
  const inside = component.components ?? [];
  switch (component.type) {
    case 1:
      return flow(
        inside.map((each) => showControl(each, page)),
        page.width,
      );
    case 9: {
      const accessory =
        component.accessory === undefined ? [] : flow([showControl(component.accessory, page)], page.width);
      return [...inside.flatMap((each) => componentLines(each, page)), ...accessory];
    }
    case 10:
      return paragraph(component.content ?? '', page);
    case 14:
      return [ink.dim('─'.repeat(page.width))];
    case 17: {
      const stripe = ink.rgb(component.accent_color ?? 0x4f545c, '┃');
      return inside
        .flatMap((each) => componentLines(each, { ...page, width: page.width - 2 }))
        .map((line) => `${stripe} ${line}`);
    }
    default:
      return [];
  }
}

function showControl(control: Component, { ink }: Page): string {
  if (control.type !== 2) {
    const picked = (control.options ?? [])
      .filter((option) => option.default === true)
      .map(({ label }) => label);
    return `[ ${picked.join(', ') || (control.placeholder ?? 'Make a selection')} ▾ ]`;
  }
  const label = [control.emoji?.name, control.label].filter((part) => part !== undefined).join(' ');
  if (control.disabled === true) return ink.dim(`(${label})`);
  if (control.style === 5) return `[${label} ↗]`;
  return ink.colour ? ink.button(control.style ?? 2, ` ${label} `) : `[${label}]`;
}

/** Puts controls side by side and breaks the line before one that would not fit. */
function flow(controls: readonly string[], width: number): readonly string[] {
  return controls.reduce<readonly string[]>((lines, control) => {
    const last = lines.at(-1);
    if (last === undefined || widthOf(`${last} ${control}`) > width) return [...lines, control];
    return [...lines.slice(0, -1), `${last} ${control}`];
  }, []);
}

function threadLines(message: LabMessage, { ink, state }: Page): readonly string[] {
  const thread = state?.channels.get(message.id);
  if (thread === undefined || state === undefined) return [];
  const count = [...state.messages.values()].filter(({ channelId }) => channelId === thread.id).length;
  return [`💬 ${ink.bold(thread.name)} ${ink.dim(`· ${count} ${count === 1 ? 'message' : 'messages'}`)}`];
}

function sizeOf({ bytes }: LabAttachment): string {
  const size = bytes.byteLength;
  return size < 1000 ? `${size} B` : `${(size / 1000).toFixed(1)} kB`;
}
