import { escapeMarkdown } from 'discord.js';
import prettyMilliseconds from 'pretty-ms';

const invisible = '\u200b';

/** Outside text on one line of Markdown: it can neither format, nor mention, nor hide anything. */
export function words(outside: string): string {
  return inert(
    escapeMarkdown(flat(outside), {
      bulletedList: true,
      heading: true,
      maskedLink: true,
      numberedList: true,
    }),
  );
}

/** Outside text within a line, where a number and a dot make no list. */
export function inline(outside: string): string {
  return words(`x${flat(outside)}`).slice(1);
}

/** Our own advice about outside things: what is in backticks is shown as code, everything else as `words`. */
export function prose(text: string): string {
  return flat(text)
    .split(/(`[^`]+`)/)
    .map((part, place) => (place % 2 === 1 ? code(part.slice(1, -1)) : spaced(part)))
    .join('');
}

function spaced(part: string): string {
  const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(part) ?? [];
  return `${before}${words(inner)}${after}`;
}

/** Outside text as inline code. */
export function code(outside: string): string {
  const text = flat(outside).replaceAll('`', 'ˋ');
  return text === '' ? '—' : `\`${text}\``;
}

/** Outside text that leads somewhere; the text alone where the address is not one of the web. */
export function link(outside: string, url: string | null): string {
  const label = words(flat(outside).replaceAll('[', '(').replaceAll(']', ')'));
  return url !== null && isWeb(url) ? `[${label}](${url})` : label;
}

/** An address of the web with nothing in it that could end a link or begin something else. */
export function isWeb(url: string): boolean {
  return (
    /^https?:\/\/[\w.:[\]-]+(\/[\w.~!$&'*+,;=:@%/?#-]*)?$/.test(url) && url.length <= 300 && URL.canParse(url)
  );
}

/** Outside text where no Markdown is read: footers, labels, titles of threads, autocomplete. */
export function plain(outside: string): string {
  return flat(outside);
}

/** Outside lines in a code block, which nothing inside can close. */
export function fence(outside: string, language = ''): string {
  return `\`\`\`${language}\n${clean(outside).replaceAll('```', `\`${invisible}\`${invisible}\``).trimEnd()}\n\`\`\``;
}

/** The last lines of a log, with a word about what is missing. */
export function tail(text: string, limit: number): string {
  const lines = clean(text).trimEnd().split('\n');
  const kept: string[] = [];
  let size = 0;
  for (const line of lines.toReversed()) {
    const shown = line.length > limit ? `…${line.slice(-(limit - 1))}` : line;
    if (size + shown.length + 1 > limit && kept.length > 0) break;
    kept.unshift(shown);
    size += shown.length + 1;
  }
  const missing = lines.length - kept.length;
  return missing > 0 ? [`… ${missing} earlier lines`, ...kept].join('\n') : kept.join('\n');
}

/** Equal lines in a row once, with how often: what keeps restarting says the same each time. */
export function collapse(text: string): string {
  const lines: { readonly line: string; times: number }[] = [];
  for (const line of clean(text).trimEnd().split('\n')) {
    const last = lines.at(-1);
    if (last?.line === line) last.times += 1;
    else lines.push({ line, times: 1 });
  }
  return lines.map(({ line, times }) => (times > 1 ? `${line} … (${times} times)` : line)).join('\n');
}

/** Ticks by itself in every reader's time zone. */
export function relative(iso: string): string {
  return `<t:${Math.floor(Date.parse(iso) / 1000)}:R>`;
}

/** A time of day; with its date when it is far away. */
export function moment(iso: string, far: boolean): string {
  return `<t:${Math.floor(Date.parse(iso) / 1000)}:${far ? 'f' : 't'}>`;
}

export function took(ms: number): string {
  return prettyMilliseconds(Math.max(0, ms), ms < 60_000 ? { secondsDecimalDigits: 1 } : { unitCount: 2 });
}

export function between(fromIso: string, toIso: string): string {
  return took(Date.parse(toIso) - Date.parse(fromIso));
}

/** Eight characters name a digest or commit well enough for a person. */
export function short(hex: string): string {
  return hex.replace(/^sha256:/, '').slice(0, 8);
}

export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

/** `a, b and c` */
export function inARow(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

/** A person as Discord shows one, without calling them. */
export function person({ id, name }: { readonly id: string; readonly name: string }): string {
  const user = /^discord:(\d{5,25})$/.exec(id)?.[1];
  return user === undefined ? words(name) : `<@${user}>`;
}

function flat(text: string): string {
  return clean(text).replaceAll(/\s+/g, ' ').trim();
}

/** Without colour codes, control characters and direction overrides. */
function clean(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- terminal colours are exactly that
      .replaceAll(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
      .replaceAll('\r\n', '\n')
      // eslint-disable-next-line no-control-regex -- these are what must not get through
      .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '')
  );
}

/** Mentions, timestamps and command links stay text. */
function inert(text: string): string {
  return text.replaceAll(/<(?=[@#:/t]|a:|id:)/g, `<${invisible}`).replaceAll('@', `@${invisible}`);
}
