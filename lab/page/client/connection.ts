import type { Deed, PageView, SuggestQuery, Suggestions } from '../view.ts';
import { followViews, type Connection, type Listener, type Told } from './follow-views.ts';

/** Follows what one person sees of the lab. */
export function connect(as: string | null, listener: Listener): Connection {
  return followViews(as, listener, openStream);
}

function openStream(as: string | null, { view, broken }: Told): Connection {
  const source = new EventSource(as === null ? '/api/view' : `/api/view?as=${encodeURIComponent(as)}`);
  source.onmessage = ({ data }: MessageEvent<string>) => view(JSON.parse(data) as PageView);
  // The browser would try again by itself only while the server answers at all.
  source.onerror = broken;
  return source;
}

/** Does a deed; answers with what went wrong, for a person, or null. */
export async function doDeed(deed: Deed): Promise<string | null> {
  const answer = await post('/api/do', deed);
  return answer.ok ? null : answer.problem;
}

/** What the bot suggests; nothing when it does not answer. */
export async function suggest(query: SuggestQuery): Promise<Suggestions> {
  const answer = await post('/api/suggest', query);
  return answer.ok ? (answer.value as Suggestions) : [];
}

type Answer =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

async function post(path: string, body: object): Promise<Answer> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    const value: unknown = text === '' ? null : JSON.parse(text);
    return response.ok ? { ok: true, value } : { ok: false, problem: problemIn(value) };
  } catch {
    return { ok: false, problem: 'The lab did not answer. Is it still running?' };
  }
}

function problemIn(value: unknown): string {
  return typeof value === 'object' && value !== null && 'error' in value && typeof value.error === 'string'
    ? value.error
    : 'The lab refused that.';
}
