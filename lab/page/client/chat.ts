import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { MessageView, NoticeView } from '../view.ts';
import type { Around } from './around.ts';
import { avatarOf } from './avatars.ts';
import { composerTemplate } from './composer/composer-template.ts';
import { messageTemplate } from './message.ts';
import { openChannel, type Shown } from './page.ts';

const TOGETHER_MS = 5 * 60_000;

/** The open channel: its messages and the message box. */
export function chatTemplate(shown: Shown): TemplateResult {
  const { page, view, does } = shown;
  const channel = openChannel(page);
  const parent = view.channels.find(({ id }) => id === channel?.parent);
  return html`<section class="chat" aria-label="Chat" ?data-away=${page.tab !== 'chat'}>
    <header class="bar">
      <button
        type="button"
        class="icon opens-drawer"
        aria-label="Channels and people"
        aria-expanded=${page.drawer ? 'true' : 'false'}
        @click=${() => does.set({ drawer: !page.drawer })}
      >
        ☰
      </button>
      ${
        parent === undefined
          ? nothing
          : html`<button type="button" class="link parent" @click=${() => does.open(parent.id, null)}>
                # ${parent.name}</button
              ><span aria-hidden="true" class="crumb">›</span>`
      }
      <h2><span aria-hidden="true">${parent === undefined ? '#' : '🧵'}</span> ${channel?.name ?? ''}</h2>
      ${iAmTemplate(shown)}
    </header>
    <div class="scroll" id="messages" tabindex="0" role="region" aria-label="Messages">
      ${channel === null ? nothing : messagesTemplate(shown, channel.id)}
    </div>
    ${
      page.unreadBelow
        ? html`<button
            type="button"
            class="below"
            @click=${() => does.set({ atBottom: true, unreadBelow: false })}
          >
            New messages <span aria-hidden="true">↓</span>
          </button>`
        : nothing
    }
    ${composerTemplate(shown)}
  </section>`;
}

/** Where the list of people is out of sight, who looks is not. */
function iAmTemplate({ view, does }: Shown): TemplateResult {
  const name = view.people.find(({ id }) => id === view.me)?.name ?? '';
  return html`<button
    type="button"
    class="i-am"
    aria-label="You are ${name}; be somebody else"
    @click=${() => does.set({ drawer: true })}
  >
    <img src=${avatarOf({ name, bot: false })} alt="" width="22" height="22" />${name}
  </button>`;
}

function messagesTemplate({ page, view, does }: Shown, channel: string): TemplateResult {
  const messages = view.messages.filter((message) => message.channel === channel);
  const { names, people, me, bot } = view;
  const around: Around = {
    ...{ names, people, me, bot },
    now: Date.now(),
    acts: {
      click: (message, button) => does.act({ do: 'click', message, button }, `${message} ${button}`),
      choose: (message, select, values) => does.act({ do: 'choose', message, select, values }, message),
      dismiss: (id) => does.act({ do: 'dismiss', id }, id),
      open: does.open,
      use: (command) => does.write(`/${command} `),
    },
    busy: page.busy,
  };
  return html`<discord-messages class="messages">
      ${messages.length === 0 ? html`<p class="quiet">Nothing was said here yet.</p>` : nothing}
      ${repeat(
        messages,
        ({ id }) => id,
        (message, index) => messageTemplate(message, around, follows(messages[index - 1], message)),
      )}
    </discord-messages>
    ${view.notices.filter((notice) => notice.channel === channel).map((notice) => noticeTemplate(notice, around))}`;
}

/** Discord leaves the head out when the same person goes on within some minutes. */
function follows(before: MessageView | undefined, { author, at, command, ephemeral }: MessageView): boolean {
  return (
    before !== undefined &&
    command === null &&
    !ephemeral &&
    !before.ephemeral &&
    before.thread === null &&
    before.author.id === author.id &&
    at - before.at < TOGETHER_MS
  );
}

function noticeTemplate({ id, text }: NoticeView, { acts }: Around): TemplateResult {
  return html`<div class="notice" role="status">
    <span><span aria-hidden="true">⚠️</span> ${text}</span>
    <button type="button" class="link" @click=${() => acts.dismiss(id)}>Dismiss</button>
  </div>`;
}
