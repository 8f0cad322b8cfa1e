import type { DiscordState } from '../state.ts';
import type { Ink } from './ink.ts';
import { isMoment, showTime } from '../show-time.ts';
import { strip } from './width.ts';

/** A terminal's text is read by tests and in logs, wherever they are. */
export const timeZone = 'UTC';

export interface Reader {
  readonly ink: Ink;
  readonly now: number;
  /** For the names behind mentions. */
  readonly state?: DiscordState;
}

/** Discord's Markdown as a person reads it: fences kept apart, the rest turned into styled lines. */
export function readMarkdown(text: string, reader: Reader): string {
  return text
    .split(/(```[\s\S]*?```)/)
    .map((part) => (part.startsWith('```') ? readFence(part, reader.ink) : readInline(part, reader)))
    .join('');
}

function readFence(fence: string, ink: Ink): string {
  const [, language = '', body = ''] = /^```(?:([\w+-]*)\n)?([\s\S]*?)\n?```$/.exec(fence) ?? [];
  const paint = (line: string) => {
    if (language === 'ansi') return ink.colour ? line : strip(line);
    if (language !== 'diff') return line;
    if (line.startsWith('+')) return ink.rgb(0x2ecc71, line);
    return line.startsWith('-') ? ink.rgb(0xe74c3c, line) : line;
  };
  return body
    .split('\n')
    .map((line) => `  ${ink.dim('│')} ${paint(line)}`)
    .join('\n');
}

function readInline(text: string, { ink, now, state }: Reader): string {
  const kept: string[] = [];
  const keep = (code: string) => `\u0000${kept.push(code) - 1}\u0000`;
  return (
    text
      .replace(/`([^`\n]+)`/g, (_, code: string) =>
        keep(ink.colour ? ink.rgb(0xe8912d, code) : `\`${code}\``),
      )
      .replace(/\\([*_~`|>#\\[\]()-])/g, (_, sign: string) => keep(sign))
      .replace(/<t:(-?\d+)(?::([tTdDfFR]))?>/g, (typed: string, seconds: string, style = 'f') => {
        const at = Number(seconds) * 1000;
        return isMoment(at) ? showTime(at, style as string, { now, timeZone }) : typed;
      })
      .replace(/<@!?(\d+)>/g, (_, id: string) => ink.bold(`@${state?.users.get(id)?.name ?? id}`))
      .replace(/<@&(\d+)>/g, (_, id: string) => ink.bold(`@${state?.roles.get(id)?.name ?? id}`))
      .replace(/<#(\d+)>/g, (_, id: string) => ink.bold(`#${state?.channels.get(id)?.name ?? id}`))
      .replace(/<a?(:\w+:)\d+>/g, '$1')
      .replace(/\[([^\]\n]+)\]\((https?:[^)\s]+)\)/g, (_, label: string) => ink.under(label))
      .replace(/^-# (.*)$/gm, (_, small: string) => ink.dim(small))
      .replace(/^#{1,3} (.*)$/gm, (_, heading: string) => ink.bold(heading))
      .replace(/^(\s*)[*-] /gm, '$1• ')
      .replace(/\*\*([^\n]+?)\*\*/g, (_, bold: string) => ink.bold(bold))
      .replace(/__([^\n]+?)__/g, (_, under: string) => ink.under(under))
      .replace(/~~([^\n]+?)~~/g, (_, gone: string) => ink.dim(gone))
      .replace(/(?<![\w*])[*_]([^*_\n]+)[*_](?![\w*])/g, '$1')
      // eslint-disable-next-line no-control-regex -- a sign that no text can contain marks what was set aside
      .replace(/\u0000(\d+)\u0000/g, (_, index: string) => kept[Number(index)] ?? '')
  );
}
