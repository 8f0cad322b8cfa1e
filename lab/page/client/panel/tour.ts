import { html, nothing, type TemplateResult } from 'lit';
import type { TourStepView } from '../../view.ts';
import type { Shown } from '../page.ts';
import { panelText } from './panel-text.ts';

/** The guided tour: the first step that is not done, and what helps to do it. */
export function tourTemplate(shown: Shown): TemplateResult | typeof nothing {
  const { view, page, does } = shown;
  const { tour } = view;
  if (tour.length === 0) return nothing;
  const current = tour.findIndex(({ done }) => !done);
  const folded = page.tourFolded && page.tab !== 'tour';
  const title = current < 0 ? 'Tour: done' : `Tour: step ${current + 1} of ${tour.length}`;
  return html`<section class="tour" aria-labelledby="tour-title">
    <h2 id="tour-title">
      <button type="button" class="fold" aria-expanded=${folded ? 'false' : 'true'} @click=${does.foldTour}>
        <span aria-hidden="true">${folded ? '▸' : '▾'}</span> ${title}
      </button>
    </h2>
    ${
      folded
        ? nothing
        : html`<ol class="steps">
            ${tour.map((step, index) => stepTemplate(step, { shown, current: index === current }))}
          </ol>`
    }
    ${
      folded || current >= 0
        ? nothing
        : html`<p>That was the tour. Break something below and see what Sentinel makes of it.</p>`
    }
  </section>`;
}

interface StepPlace {
  readonly shown: Shown;
  readonly current: boolean;
}

function stepTemplate(step: TourStepView, { shown, current }: StepPlace): TemplateResult {
  return html`<li class=${current ? 'current' : ''} aria-current=${current ? 'step' : nothing}>
    <span class="tick ${step.done ? 'done' : ''}" aria-hidden="true">${step.done ? '✓' : ''}</span>
    <div>
      <strong>${step.title}</strong>${step.done ? html`<span class="unseen"> (done)</span>` : nothing}
      ${current ? currentTemplate(step, shown) : nothing}
    </div>
  </li>`;
}

function currentTemplate({ text, as, types }: TourStepView, shown: Shown): TemplateResult {
  const { view, does } = shown;
  const { people, me } = view;
  const person = people.find(({ id }) => id === as);
  const other = person === undefined || person.id === me ? null : person;
  return html`<div class="text">${panelText(text, shown)}</div>
    ${
      types === null
        ? nothing
        : html`<button type="button" class="button primary" @click=${() => does.write(types, as)}>
            ${other === null ? 'Type it for me' : `Be ${other.name} and type it for me`}
          </button>`
    }
    ${
      other === null || types !== null
        ? nothing
        : html`<button type="button" class="button primary" @click=${() => does.become(other.id)}>
            Be ${other.name}
          </button>`
    }`;
}
