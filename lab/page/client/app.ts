import { html, nothing, type TemplateResult } from 'lit';
import { chatTemplate } from './chat.ts';
import { dialogTemplate } from './dialog.ts';
import { unseen, type Does, type Page, type Shown, type Tab } from './page.ts';
import { homelabTemplate } from './panel/homelab.ts';
import { sideTemplate } from './side.ts';

/** The whole page. */
export function appTemplate(page: Page, does: Does): TemplateResult {
  const { view } = page;
  if (view === null)
    return html`<p class="waiting" role="status">${page.lost ? stopped() : 'The lab is being set up…'}</p>`;
  const shown: Shown = { page, view, does };
  return html`<a class="skip" href="#message-box" @click=${skip}>Skip to the message box</a>
    ${page.lost ? html`<p class="lost" role="alert">${stopped()}</p>` : nothing}
    ${
      !page.lost && !view.bot.online
        ? html`<p class="lost" role="status">${view.bot.name} is offline for the moment.</p>`
        : nothing
    }
    <main class="columns">
      <h1 class="unseen">${view.bot.name} lab</h1>
      ${sideTemplate(shown)} ${chatTemplate(shown)} ${homelabTemplate(shown)} ${tabsTemplate(shown)}
    </main>
    <div class="unseen" role="status" aria-live="polite">${page.said}</div>
    ${dialogTemplate(shown)}`;
}

function stopped(): TemplateResult {
  return html`The lab has stopped. Start it again with <code>npm run demo</code>.`;
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('message-box')?.focus();
}

const TABS: readonly (readonly [Tab, string, string])[] = [
  ['chat', 'Chat', '💬'],
  ['homelab', 'Homelab', '🖥'],
  ['tour', 'Tour', '🧭'],
];

/** On a phone one part is shown at a time. */
function tabsTemplate({ page, does }: Shown): TemplateResult {
  const pings = unseen(page).filter(({ callsMe }) => callsMe).length;
  return html`<nav class="tabs" aria-label="Parts of the page">
    ${TABS.map(
      ([tab, word, sign]) =>
        html`<button
          type="button"
          aria-current=${page.tab === tab ? 'page' : nothing}
          @click=${() => does.set({ tab, drawer: false })}
        >
          <span aria-hidden="true">${sign}</span> ${word}
          ${
            tab === 'chat' && page.tab !== 'chat' && pings > 0
              ? html`<span class="pings">${pings}<span class="unseen"> for you</span></span>`
              : nothing
          }
        </button>`,
    )}
  </nav>`;
}
