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
  return html`<discord-file-attachment
    name=${name}
    bytes=${sizeOf(size)}
    href=${url}
    target="_blank"
    rel="noopener"
    type=${type}
  ></discord-file-attachment>`;
}

function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}
