import { html, nothing, type TemplateResult } from 'lit';
import type { ChannelView, PersonView } from '../view.ts';
import { avatarOf } from './avatars.ts';
import { openChannel, unseen, type Shown } from './page.ts';

/** The channels with their threads, and who looks. */
export function sideTemplate(shown: Shown): TemplateResult {
  const { page, view, does } = shown;
  const tops = view.channels.filter(({ parent }) => parent === null);
  return html`<div class="side ${page.drawer ? 'open' : ''}">
    <header class="bar guild">
      <strong>${view.guild}</strong>
      <button
        type="button"
        class="icon"
        aria-label=${page.theme === 'dark' ? 'Light colours' : 'Dark colours'}
        title=${page.theme === 'dark' ? 'Light colours' : 'Dark colours'}
        @click=${does.theme}
      >
        <span aria-hidden="true">${page.theme === 'dark' ? '☀' : '☾'}</span>
      </button>
      <button
        type="button"
        class="icon closes-drawer"
        aria-label="Close the channels"
        @click=${() => does.set({ drawer: false })}
      >
        <span aria-hidden="true">×</span>
      </button>
    </header>
    <nav aria-label="Channels">
      <ul>
        ${tops.map((channel) => channelTemplate(channel, shown))}
      </ul>
    </nav>
    ${peopleTemplate(shown)}
  </div>`;
}

function channelTemplate(channel: ChannelView, shown: Shown): TemplateResult {
  const { page, view, does } = shown;
  const threads = view.channels.filter(({ parent }) => parent === channel.id);
  const current = openChannel(page)?.id === channel.id;
  const fresh = unseen(page, channel.id);
  const pings = fresh.filter(({ callsMe }) => callsMe).length;
  return html`<li>
    <button
      type="button"
      class="channel ${fresh.length > 0 && !current ? 'fresh' : ''}"
      aria-current=${current ? 'page' : nothing}
      @click=${() => does.open(channel.id, null)}
    >
      <span aria-hidden="true">${channel.parent === null ? '#' : '🧵'}</span>
      <span class="name">${channel.name}</span>
      ${
        pings > 0 && !current
          ? html`<span class="pings">${pings}<span class="unseen"> for you</span></span>`
          : nothing
      }
    </button>
    ${
      threads.length === 0
        ? nothing
        : html`<ul>
            ${threads.map((thread) => channelTemplate(thread, shown))}
          </ul>`
    }
  </li>`;
}

function peopleTemplate({ view, does }: Shown): TemplateResult {
  const me = view.people.find(({ id }) => id === view.me);
  return html`<section class="people" aria-labelledby="you-are">
    <h2 id="you-are">You are</h2>
    <div role="radiogroup" aria-labelledby="you-are">
      ${view.people.map(
        (person) =>
          html`<label class="person">
            <input
              type="radio"
              name="me"
              .checked=${person.id === view.me}
              @change=${() => does.become(person.id)}
            />
            ${personTemplate(person)}
          </label>`,
      )}
    </div>
    <p class="may">${me?.may ?? ''}</p>
  </section>`;
}

function personTemplate({ name, part }: PersonView): TemplateResult {
  return html`<img src=${avatarOf({ name, bot: false })} alt="" width="28" height="28" />
    <span class="who"><strong>${name}</strong> <span>${part}</span></span>`;
}
