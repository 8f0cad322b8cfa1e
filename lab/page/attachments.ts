import { extname } from 'node:path';
import type { ServerResponse } from 'node:http';
import type { LabAttachment } from '../discord/index.ts';
import { PageRefusal } from './page-refusal.ts';
import type { Sight } from './sight.ts';

const plain = 'text/plain; charset=utf-8';
const images: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
/** Where whoever uploaded a file said nothing useful about it. */
const byEnding: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  ...Object.fromEntries(
    ['.txt', '.log', '.diff', '.patch', '.md', '.json', '.yml', '.yaml', '.csv'].map((end) => [end, plain]),
  ),
};

/** How a file is given to a browser. Only images and plain text are shown; anything else could act for the page. */
export function shownAs({ contentType, filename }: Pick<LabAttachment, 'contentType' | 'filename'>): {
  readonly type: string;
  readonly inline: boolean;
} {
  const [said = ''] = contentType.toLowerCase().split(';');
  const type = images.has(said) ? said : byEnding[extname(filename).toLowerCase()];
  if (type !== undefined) return { type, inline: true };
  return said === 'text/plain'
    ? { type: plain, inline: true }
    : { type: 'application/octet-stream', inline: false };
}

/** `/attachments/<message>/<id or index>/<name>`, for who can see the message. */
export function sendAttachment(response: ServerResponse, path: string, sight: Sight): void {
  const [, , messageId = '', which = ''] = path.split('/');
  const message = sight.state.messages.get(messageId);
  const files = message !== undefined && sight.message(message) ? message.attachments : [];
  const file =
    files.find(({ id }) => id === which) ?? (/^\d$/.test(which) ? files[Number(which)] : undefined);
  if (file === undefined) throw new PageRefusal(404, 'This file is gone.');
  const { type, inline } = shownAs(file);
  const name = encodeURIComponent(file.filename).replaceAll("'", '%27');
  response
    .writeHead(200, {
      'content-type': type,
      'content-length': file.bytes.byteLength,
      'content-disposition': `${inline ? 'inline' : 'attachment'}; filename*=UTF-8''${name}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, max-age=3600, immutable',
    })
    .end(file.bytes);
}
