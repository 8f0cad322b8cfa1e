import { html, nothing, type TemplateResult } from 'lit';
import type { AttachmentView, MessageView } from '../../view.ts';
import { isPictureOf } from './embed.ts';

/** What is attached, without the pictures that an embed shows. */
export function attachmentsTemplate({ attachments, embeds }: MessageView): TemplateResult | typeof nothing {
  const shown = attachments.filter((each) => !embeds.some((embed) => isPictureOf(embed, each)));
  if (shown.length === 0) return nothing;
  return html`<discord-attachments slot="attachments">${shown.map(attachmentTemplate)}</discord-attachments>`;
}

function attachmentTemplate(attachment: AttachmentView): TemplateResult {
  const { name, type, url, description, size } = attachment;
  if (type.startsWith('image/'))
    return html`<a class="picture" href=${url} target="_blank" rel="noopener"
      ><img src=${url} alt=${description ?? name}
    /></a>`;
  const [amount, unit] = sizeOf(size);
  return html`<discord-file-attachment
    name=${name}
    bytes=${amount}
    bytes-unit=${unit}
    href=${url}
    target="_blank"
    rel="noopener"
    type=${type}
  ></discord-file-attachment>`;
}

function sizeOf(bytes: number): readonly [amount: number, unit: string] {
  if (bytes < 1024) return [bytes, 'bytes'];
  const kilobytes = bytes / 1024;
  return kilobytes < 1024
    ? [Math.round(kilobytes * 10) / 10, 'KB']
    : [Math.round(kilobytes / 102.4) / 10, 'MB'];
}
