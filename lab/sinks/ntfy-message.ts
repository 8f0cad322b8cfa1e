import { asList, asRecord } from '../json.ts';

export interface NtfyMessage {
  readonly id: string;
  readonly topic: string;
  readonly title: string | null;
  readonly message: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly click: string | null;
  readonly markdown: boolean;
  /** The message was too long and became a file. */
  readonly attachment: string | null;
}
/** A message before it has an id, or the number and word of ntfy's error. */
export type Parsed =
  | { readonly ok: true; readonly message: Omit<NtfyMessage, 'id'> }
  | { readonly ok: false; readonly error: NtfyError };
export interface NtfyError {
  readonly code: number;
  readonly http: number;
  readonly error: string;
}

const longest = 4096;
export const topicPattern = /^[-_A-Za-z0-9]{1,64}$/;

/** A message published as JSON to the root. */
export function parseJsonMessage(text: string): Parsed {
  let body: Record<string, unknown>;
  try {
    body = asRecord(JSON.parse(text));
  } catch {
    return refused(40017, 'invalid request: request body must be valid JSON');
  }
  const { topic, title, message, priority = 3, tags, click, markdown } = body;
  if (typeof topic !== 'string' || !topicPattern.test(topic))
    return refused(40009, 'invalid request: topic invalid');
  if (typeof priority !== 'number' || !Number.isInteger(priority) || priority < 1 || priority > 5)
    return refused(40007, 'invalid priority parameter');
  if (asList(body['actions']).length > 3) return refused(40018, 'invalid request: actions invalid');
  return {
    ok: true,
    message: {
      ...fitted(typeof message === 'string' ? message : ''),
      ...{ topic, priority, markdown: markdown === true },
      title: typeof title === 'string' ? title : null,
      tags: asList(tags).map(String),
      click: typeof click === 'string' ? click : null,
    },
  };
}

/** A body posted to a topic: shown as it came, JSON or not; headers say the rest. */
export function parsePlainMessage(
  topic: string,
  text: string,
  headers: Readonly<Record<string, string>>,
): Parsed {
  const header = (...names: readonly string[]): string | null =>
    names.map((name) => headers[name]).find((value) => value !== undefined) ?? null;
  const priority = Number(header('x-priority', 'priority', 'p') ?? 3);
  if (!Number.isInteger(priority) || priority < 1 || priority > 5)
    return refused(40007, 'invalid priority parameter');
  return {
    ok: true,
    message: {
      ...fitted(text),
      ...{ topic, priority, markdown: header('x-markdown', 'markdown', 'md') === 'yes' },
      title: header('x-title', 'title', 't'),
      tags: (header('x-tags', 'tags', 'ta') ?? '').split(',').filter((tag) => tag !== ''),
      click: header('x-click', 'click'),
    },
  };
}

function fitted(text: string): Pick<NtfyMessage, 'message' | 'attachment'> {
  if (Buffer.byteLength(text) > longest)
    return { message: 'You received a file: attachment.txt', attachment: text };
  return { message: text === '' ? 'triggered' : text, attachment: null };
}

function refused(code: number, error: string): Parsed {
  return { ok: false, error: { code, http: Math.floor(code / 100), error } };
}
