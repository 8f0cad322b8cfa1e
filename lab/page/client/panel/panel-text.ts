import { html, type TemplateResult } from 'lit';
import { noActs } from '../around.ts';
import { markdown } from '../markdown/markdown.ts';
import type { Shown } from '../page.ts';

/** What the panel says, in Discord's Markdown; commands in it come into the message box. */
export function panelText(text: string, { view, does }: Shown): TemplateResult {
  const { names, people, me, bot } = view;
  const acts = { ...noActs, open: does.open, use: (command: string) => does.write(`/${command} `) };
  return html`${markdown(text, { names, people, me, bot, now: Date.now(), acts })}`;
}
