import { html, nothing, svg, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { SwitchView, SystemView } from '../../view.ts';
import type { Shown } from '../page.ts';
import type { MarkedRow } from './marking.ts';
import { panelText } from './panel-text.ts';
import { tourTemplate } from './tour.ts';

/** What every system holds now, and what can be broken there. */
export function homelabTemplate(shown: Shown): TemplateResult {
  const { page, view } = shown;
  return html`<section
    class="panel"
    aria-label="Homelab"
    ?data-away=${page.tab === 'chat'}
    data-tab=${page.tab}
  >
    ${tourTemplate(shown)}
    <div class="systems">
      <h2>Homelab</h2>
      ${view.systems.map((system) => systemTemplate(system, page.marks[system.id] ?? []))}
    </div>
    ${breakTemplate(shown)} ${resetTemplate(shown)}
  </section>`;
}

const PICTURES: Readonly<Record<SystemView['kind'], string>> = {
  host: 'M4 5h16v5H4zM4 14h16v5H4zM7.5 7.5h.01M7.5 16.5h.01',
  proxy: 'M3 12h6m0 0 4-6h8M9 12l4 6h8M18 3l3 3-3 3m0 6 3 3-3 3',
  dns: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3 12h18M12 3c-5 5-5 13 0 18 5-5 5-13 0-18',
  signon: 'M15 9a5 5 0 1 0-4.6 5L12 12h2v2h2v2h2v-3l-3.4-3.2A5 5 0 0 0 15 9ZM8.5 8.5h.01',
  dashboard: 'M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z',
  git: 'M6 4v16M6 15c8 0 12-2 12-8M6 4.01V4M18 6.01V6M6 20.01V20',
  pipeline: 'M4 12h4m3 0h3m3 0h3M6 9.5h.01M12.5 9.5h.01M18.5 9.5h.01M4 7h16v10H4z',
};

function systemTemplate(system: SystemView, rows: readonly MarkedRow[]): TemplateResult {
  const up = system.state === 'up';
  const shown = up ? rows : [];
  return html`<section class="system" aria-label=${system.name}>
    <h3>
      <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
        ${svg`<path d=${PICTURES[system.kind]} />`}
      </svg>
      <span class="name">${system.name}</span>
      <span class="state ${system.state}"
        ><span aria-hidden="true">${up ? '●' : '▲'}</span> ${system.state}</span
      >
    </h3>
    ${
      shown.length === 0
        ? html`<p class="quiet">${up ? system.empty : 'It does not answer.'}</p>`
        : html`<ul class="rows">
            ${repeat(shown, ({ key }) => key, rowTemplate)}
          </ul>`
    }
  </section>`;
}

const TONES: Readonly<Record<MarkedRow['tone'], readonly [sign: string, word: string]>> = {
  good: ['✓', 'good'],
  bad: ['✕', 'bad'],
  busy: ['…', 'busy'],
  plain: ['·', ''],
};

function rowTemplate({ text, detail, tone, mark }: MarkedRow): TemplateResult {
  const [sign, word] = TONES[tone];
  return html`<li class="row ${tone} ${mark ?? ''}">
    <span class="sign" aria-hidden="true">${sign}</span>
    <span class="what"
      >${mark === 'gone' ? html`<s>${text}</s>` : text}${word === '' ? nothing : html`<span class="unseen">, ${word}</span>`}
      ${detail === null ? nothing : html`<span class="detail">${detail}</span>`}</span
    >
    ${mark === null ? nothing : html`<span class="mark">${mark}</span>`}
  </li>`;
}

function breakTemplate(shown: Shown): TemplateResult | typeof nothing {
  const { view, page, does } = shown;
  if (view.switches.length === 0) return nothing;
  return html`<section class="breaks" aria-labelledby="break-title">
    <h2 id="break-title">Break something</h2>
    ${view.switches.map((each) => {
      const turn = (on: boolean) => does.act({ do: 'switch', id: each.id, on }, `switch ${each.id}`);
      const explains = panelText(each.explains, shown);
      return switchTemplate(each, { turn, explains, busy: page.busy.has(`switch ${each.id}`) });
    })}
  </section>`;
}

interface Turning {
  readonly explains: TemplateResult;
  readonly turn: (on: boolean) => void;
  readonly busy: boolean;
}

function switchTemplate(
  { id, label, kind, on }: SwitchView,
  { turn, explains, busy }: Turning,
): TemplateResult {
  if (kind === 'deed')
    return html`<div class="switch">
      <button
        type="button"
        class="button"
        ?disabled=${busy}
        aria-describedby="explains-${id}"
        @click=${() => turn(true)}
      >
        ${label}
      </button>
      <p id="explains-${id}">${explains}</p>
    </div>`;
  return html`<div class="switch">
    <label>
      <input
        type="checkbox"
        role="switch"
        .checked=${on}
        ?disabled=${busy}
        aria-describedby="explains-${id}"
        @change=${(event: Event) => {
          if (event.target instanceof HTMLInputElement) turn(event.target.checked);
        }}
      />
      <span>${label}</span> ${on ? html`<span class="state down">broken</span>` : nothing}
    </label>
    <p id="explains-${id}">${explains}</p>
  </div>`;
}

function resetTemplate({ page, does }: Shown): TemplateResult {
  if (page.busy.has('reset')) return html`<p class="reset quiet" role="status">The lab begins anew…</p>`;
  if (!page.confirmsReset)
    return html`<div class="reset">
      <button type="button" class="button" @click=${() => does.set({ confirmsReset: true })}>
        Begin anew…
      </button>
    </div>`;
  return html`<div class="reset" role="group" aria-label="Begin anew?">
    <p>All messages, deployments and changes are thrown away.</p>
    <button
      type="button"
      class="button danger"
      @click=${() => {
        does.set({ confirmsReset: false });
        does.act({ do: 'reset' }, 'reset');
      }}
    >
      Begin anew
    </button>
    <button type="button" class="button" @click=${() => does.set({ confirmsReset: false })}>Keep all</button>
  </div>`;
}
