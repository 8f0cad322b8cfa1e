import { refuse } from './api-error.ts';

export interface Upload {
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}
export interface Payload {
  readonly body: unknown;
  /** By the number in `files[n]`. */
  readonly files: ReadonlyMap<string, Upload>;
}

/** Reads a JSON or multipart body, using the platform's own multipart reader. */
export async function parsePayload(raw: Buffer, contentType: string): Promise<Payload> {
  if (raw.byteLength === 0) return { body: undefined, files: new Map() };
  if (!contentType.startsWith('multipart/form-data'))
    return { body: parseJson(raw.toString('utf8')), files: new Map() };
  const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': contentType } })
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- on loopback, from one known client
    .formData()
    .catch(() => {
      throw refuse('notJson');
    });
  const files = new Map<string, Upload>();
  for (const [key, value] of form) {
    const number = /^files\[(\d+)\]$/.exec(key)?.[1];
    if (number === undefined || typeof value === 'string') continue;
    const bytes = Buffer.from(await value.arrayBuffer());
    files.set(number, { filename: value.name, contentType: value.type || 'application/octet-stream', bytes });
  }
  const json = form.get('payload_json');
  return { body: typeof json === 'string' ? parseJson(json) : {}, files };
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw refuse('notJson');
  }
}
