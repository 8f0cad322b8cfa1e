import { html, nothing, type TemplateResult } from 'lit';
import type { MessageView } from '../view.ts';
import type { Around } from './around.ts';
import { avatarOf } from './avatars.ts';
import { markdown } from './markdown/markdown.ts';
import './message.css';
import { attachmentsTemplate } from './message/attachments.ts';
import { rowsTemplate } from './message/components.ts';
import { embedTemplate } from './message/embed.ts';
import { dressComponents } from './message/look.ts';
import { showClock } from './times.ts';

dressComponents();

/**
 * One message, drawn as Discord draws it; to be put inside `<discord-messages>`.
 * `follows`: the one above is of the same author and moment, so the head is left out.
 */
export function messageTemplate(message: MessageView, around: Around, follows = false): TemplateResult {
  try {
    return drawMessage(message, around, follows);
  } catch (error) {
    // The other messages are still worth seeing.
    console.error(error);
    return html`<p id="message-${message.id}" class="quiet" tabindex="-1">This message cannot be shown.</p>`;
  }
}

function drawMessage(message: MessageView, around: Around, follows: boolean): TemplateResult {
  const { author, at, content, embeds, components, ephemeral } = message;
  const clock = showClock(at, around.now);
  return html`<discord-message
    id="message-${message.id}"
    role="article"
    aria-label="${author.name}, ${clock}"
    tabindex="-1"
    class=${ephemeral ? 'ephemeral' : ''}
    author=${author.name}
    avatar=${avatarOf(author)}
    timestamp=${follows ? clock.replace(/^.* /, '') : clock}
    ?bot=${author.bot}
    ?edited=${message.edited && content !== ''}
    ?highlight=${message.callsMe}
    ?message-body-only=${follows}
  >
    ${commandTemplate(message, around)}
    <div class="markdown">${message.loading ? thinking(author.name) : markdown(content, around)}</div>
    ${attachmentsTemplate(message)}
    ${embeds.map((embed) => embedTemplate(embed, { around, attachments: message.attachments }))}
    ${rowsTemplate(components, { message: message.id, around })} ${threadTemplate(message, around)}
    ${ephemeral ? onlyYou(message, around) : nothing}
  </discord-message>`;
}

function thinking(name: string): TemplateResult {
  return html`<span class="thinking"
    ><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span> ${name} is thinking…</span
  >`;
}

function commandTemplate({ command }: MessageView, { people, bot }: Around): TemplateResult | typeof nothing {
  if (command === null) return nothing;
  const by = people.find(({ id, name }) => id === command.by || name === command.by);
  const name = by?.name ?? command.by;
  return html`<discord-command
    slot="reply"
    author=${name}
    avatar=${avatarOf({ name, bot: name === bot.name })}
    command=${command.name.replace(/^\/?/, '/')}
  ></discord-command>`;
}

function threadTemplate({ thread }: MessageView, { acts }: Around): TemplateResult | typeof nothing {
  if (thread === null) return nothing;
  const count = `${thread.messages} ${thread.messages === 1 ? 'message' : 'messages'}`;
  return html`<button slot="thread" type="button" class="thread" @click=${() => acts.open(thread.id, null)}>
    <discord-thread name=${thread.name} cta="Open">${count} in the thread</discord-thread>
  </button>`;
}

function onlyYou({ id }: MessageView, { acts }: Around): TemplateResult {
  return html`<div slot="thread" class="only-you">
    <span aria-hidden="true">👁</span> Only you can see this ·
    <button type="button" class="link" @click=${() => acts.dismiss(id)}>Dismiss message</button>
  </div>`;
}
