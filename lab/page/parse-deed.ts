import { isRecord } from '../json.ts';
import { PageRefusal } from './page-refusal.ts';
import type { Deed, SuggestQuery, Values } from './view.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A deed as the browser sent it; refused when a field is missing, of another kind or too long. */
export function parseDeed(raw: unknown): Deed {
  const fields = record(raw);
  const as = text(fields, 'as');
  const kind = text(fields, 'do');
  switch (kind) {
    case 'command': {
      const [channel, name] = [text(fields, 'channel'), text(fields, 'name')];
      return { as, do: kind, channel, name, options: values(fields) };
    }
    case 'say':
      return { as, do: kind, channel: text(fields, 'channel'), text: message(fields) };
    case 'click':
      return { as, do: kind, message: text(fields, 'message'), button: text(fields, 'button') };
    case 'choose': {
      const picked = texts(fields['values'], 'values');
      return {
        as,
        do: kind,
        message: text(fields, 'message'),
        select: text(fields, 'select'),
        values: picked,
      };
    }
    case 'submit':
      return { as, do: kind, interaction: text(fields, 'interaction'), values: formValues(fields) };
    case 'close':
      return { as, do: kind, interaction: text(fields, 'interaction') };
    case 'dismiss':
      return { as, do: kind, id: text(fields, 'id') };
    case 'switch':
      return { as, do: kind, id: text(fields, 'id'), on: flag(fields, 'on') };
    case 'reset':
      return { as, do: kind };
    default:
      throw wrong('do', 'is nothing that can be done here');
  }
}

/** What is being typed, as the browser sent it. */
export function parseSuggestQuery(raw: unknown): SuggestQuery {
  const fields = record(raw);
  return {
    as: text(fields, 'as'),
    channel: text(fields, 'channel'),
    command: text(fields, 'command'),
    options: values(fields),
    focused: text(fields, 'focused'),
  };
}

const MOST = { name: 100, message: 2000, value: 6000, entries: 25 } as const;

function record(raw: unknown): Fields {
  if (!isRecord(raw)) throw new PageRefusal(400, 'This is not an object.');
  return raw;
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw wrong(name, 'must be a text');
  if (value.length > MOST.name) throw wrong(name, `takes at most ${MOST.name} characters`);
  return value;
}

function message(fields: Fields): string {
  const value = fields['text'];
  if (typeof value !== 'string' || value.trim() === '') throw wrong('text', 'must not be empty');
  if (value.length > MOST.message) throw wrong('text', `takes at most ${MOST.message} characters`);
  return value;
}

function flag(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value !== 'boolean') throw wrong(name, 'must be true or false');
  return value;
}

function texts(raw: unknown, name: string): readonly string[] {
  if (!Array.isArray(raw) || raw.length > MOST.entries) throw wrong(name, 'must be a short list of texts');
  return raw.map((each: unknown) => {
    if (typeof each !== 'string' || each.length > MOST.value) throw wrong(name, 'must be a list of texts');
    return each;
  });
}

function values(fields: Fields): Values {
  const name = 'options';
  return entries(fields, name, (value) => {
    const number = typeof value === 'number' && Number.isFinite(value);
    if (typeof value === 'string' && value.length <= MOST.value) return value;
    if (number || typeof value === 'boolean') return value;
    throw wrong(name, 'must hold texts, numbers, or true and false');
  });
}

function formValues(fields: Fields): Readonly<Record<string, string | readonly string[]>> {
  return entries(fields, 'values', (value) => {
    if (typeof value === 'string' && value.length <= MOST.value) return value;
    return texts(value, 'values');
  });
}

function entries<T>(fields: Fields, name: string, parse: (value: unknown) => T): Readonly<Record<string, T>> {
  const raw = fields[name];
  if (!isRecord(raw)) throw wrong(name, 'must be an object');
  const found = Object.entries(raw);
  if (found.length > MOST.entries) throw wrong(name, `takes at most ${MOST.entries} entries`);
  return Object.fromEntries(found.map(([key, value]) => [key, parse(value)]));
}

function wrong(name: string, what: string): PageRefusal {
  return new PageRefusal(400, `“${name}” ${what}.`);
}
