import type { IncomingMessage } from 'node:http';
import { PageRefusal } from './page-refusal.ts';

const MOST_BYTES = 64 * 1024;

/** The body of a POST, which must say that it is JSON: a form of another site cannot. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json')
    throw new PageRefusal(415, 'Please send this as application/json.');
  const text = await readText(request);
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw new PageRefusal(400, 'This is not JSON.');
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) throw tooLarge();
  let size = 0;
  // The connection is kept, or the refusal could not be told.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(part)) continue;
    size += part.byteLength;
    if (size > MOST_BYTES) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function tooLarge(): PageRefusal {
  return new PageRefusal(413, `That is too much: at most ${MOST_BYTES / 1024} kB.`);
}
