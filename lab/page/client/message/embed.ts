import type { APIEmbed } from 'discord.js';
import { html, nothing, type TemplateResult } from 'lit';
import type { AttachmentView } from '../../view.ts';
import { isMoment } from '../../../discord/show-time.ts';
import type { Around } from '../around.ts';
import { markdown, timeTemplate } from '../markdown/markdown.ts';
import { isWebLink } from '../markdown/segments.ts';

interface EmbedPlace {
  readonly around: Around;
  readonly attachments: readonly AttachmentView[];
}

/** An embed, as Discord lays it out. Its texts are slotted: Skyra would look in a title for emoji of Discord's servers. */
export function embedTemplate(embed: APIEmbed, { around, attachments }: EmbedPlace): TemplateResult {
  const { author, title, description, fields = [] } = embed;
  return html`<discord-embed slot="embeds" color=${colourOf(embed.color)}>
    ${author === undefined ? nothing : html`<div slot="description" class="embed-author">${author.name}</div>`}
    ${title === undefined ? nothing : titleTemplate(title, { url: embed.url, around })}
    ${
      description === undefined
        ? nothing
        : html`<discord-embed-description slot="description"
            >${markdown(description, around)}</discord-embed-description
          >`
    }
    ${
      fields.length === 0
        ? nothing
        : html`<discord-embed-fields slot="fields">${fieldsTemplate(fields, around)}</discord-embed-fields>`
    }
    ${pictureTemplate(embed, attachments)} ${footerTemplate(embed, around)}
  </discord-embed>`;
}

function colourOf(colour: number | undefined): string {
  return colour === undefined ? 'var(--line-strong)' : `#${colour.toString(16).padStart(6, '0')}`;
}

function titleTemplate(
  title: string,
  { url, around }: { readonly url: string | undefined; readonly around: Around },
): TemplateResult {
  const text = markdown(title, around);
  return html`<div slot="description" class="embed-title" role="heading" aria-level="3">
    ${
      url !== undefined && isWebLink(url)
        ? html`<a href=${url} target="_blank" rel="noopener noreferrer">${text}</a>`
        : text
    }
  </div>`;
}

type Field = NonNullable<APIEmbed['fields']>[number];

function fieldsTemplate(fields: readonly Field[], around: Around): readonly TemplateResult[] {
  return fieldRows(fields).flatMap((row) =>
    row.map(
      (field, index) =>
        html`<discord-embed-field
          ?inline=${field.inline === true}
          inline-index=${field.inline === true ? index + 1 : nothing}
          data-of=${row.length}
        >
          <div class="field-title">${markdown(field.name, around)}</div>
          ${markdown(field.value, around)}
        </discord-embed-field>`,
    ),
  );
}

/** Up to three inline fields stand side by side. */
function fieldRows(fields: readonly Field[]): readonly (readonly Field[])[] {
  return fields.reduce<readonly (readonly Field[])[]>((rows, field) => {
    const last = rows.at(-1);
    const fits =
      last !== undefined && last.length < 3 && field.inline === true && last.every(({ inline }) => inline);
    return fits ? [...rows.slice(0, -1), [...last, field]] : [...rows, [field]];
  }, []);
}

/** Only pictures attached to the message are shown; any other would have to be fetched from somewhere. */
function pictureTemplate(
  embed: APIEmbed,
  attachments: readonly AttachmentView[],
): TemplateResult | typeof nothing {
  const attachment = attachments.find((each) => isPictureOf(embed, each));
  if (attachment === undefined) return nothing;
  return html`<a slot="footer" class="picture" href=${attachment.url} target="_blank" rel="noopener"
    ><img src=${attachment.url} alt=${attachment.description ?? attachment.name}
  /></a>`;
}

/** `attachment://name` as the bot wrote it, or the address that the server put there. */
export function isPictureOf({ image }: APIEmbed, { name, url }: AttachmentView): boolean {
  return image !== undefined && (image.url === url || image.url === `attachment://${name}`);
}

function footerTemplate({ footer, timestamp }: APIEmbed, around: Around): TemplateResult | typeof nothing {
  if (footer === undefined && timestamp === undefined) return nothing;
  const at = Date.parse(timestamp ?? '');
  const time = isMoment(at) ? timeTemplate({ at, style: 'f' }, around.now) : '';
  return html`<discord-embed-footer slot="footer"
    ><span
      >${footer?.text ?? ''}${footer === undefined || time === '' ? '' : ' • '}${time}</span
    ></discord-embed-footer
  >`;
}
