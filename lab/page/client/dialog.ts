import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { DialogView } from '../view.ts';
import type { Shown } from './page.ts';

type Component = DialogView['components'][number];

const ROW = 1;
const SELECT = 3;
const TEXT = 4;
const WORDS = 10;
const LABEL = 18;
const PARAGRAPH = 2;

/** The form the bot opened, if any; a new one for every interaction, so that nothing typed is left over. */
export function dialogTemplate(shown: Shown): TemplateResult | typeof nothing {
  const { dialog } = shown.view;
  return dialog === null ? nothing : html`${keyed(dialog.interaction, formTemplate(dialog, shown))}`;
}

function formTemplate({ interaction, title, components }: DialogView, { page, does }: Shown): TemplateResult {
  const close = (event: Event) => {
    event.preventDefault();
    does.act({ do: 'close', interaction }, interaction);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    does.act({ do: 'submit', interaction, values: valuesOf(new FormData(event.target)) }, interaction);
  };
  return html`<dialog id="dialog" class="dialog" aria-labelledby="dialog-title" @cancel=${close}>
    <form method="dialog" @submit=${submit}>
      <h2 id="dialog-title">${title}</h2>
      ${components.map(partTemplate)}
      ${page.problem === null ? nothing : html`<p class="hint wrong" role="alert">${page.problem}</p>`}
      <footer>
        <button type="button" class="button" @click=${close}>Cancel</button>
        <button type="submit" class="button primary" ?disabled=${page.busy.has(interaction)}>Submit</button>
      </footer>
    </form>
  </dialog>`;
}

/** Several values under one name are those of a menu. */
function valuesOf(form: FormData): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const all = form.getAll(name).filter((value) => typeof value === 'string');
      return [name, all.length === 1 ? (all[0] ?? '') : all];
    }),
  );
}

function partTemplate(part: Component): TemplateResult | typeof nothing {
  switch (part.type) {
    case WORDS:
      return html`<p>${part.content ?? ''}</p>`;
    case ROW:
      return html`${(part.components ?? []).map((input) => fieldTemplate(input, input))}`;
    case LABEL:
      return part.component === undefined ? nothing : fieldTemplate(part.component, part);
    default:
      return nothing;
  }
}

function fieldTemplate(input: Component, { label, description }: Component): TemplateResult {
  const id = `field-${input.custom_id ?? ''}`;
  return html`<div class="field">
    <label for=${id}
      >${label ?? input.custom_id ?? ''}${
        input.required === false ? nothing : html`<span class="required"> (required)</span>`
      }</label
    >
    ${description === undefined ? nothing : html`<p id="${id}-about">${description}</p>`}
    ${inputTemplate(input, { id, about: description === undefined ? nothing : `${id}-about` })}
  </div>`;
}

interface FieldIds {
  readonly id: string;
  readonly about: string | typeof nothing;
}

function inputTemplate(input: Component, { id, about }: FieldIds): TemplateResult | typeof nothing {
  const { custom_id: name = '', value = '', placeholder = '', required = true } = input;
  if (input.type === SELECT)
    return html`<select
      class="select"
      name=${name}
      id=${id}
      aria-describedby=${about}
      ?required=${required}
      ?multiple=${(input.max_values ?? 1) > 1}
    >
      ${(input.options ?? []).map(
        (option) =>
          html`<option value=${option.value} ?selected=${option.default === true}>${option.label}</option>`,
      )}
    </select>`;
  if (input.type !== TEXT) return nothing;
  const least = input.min_length ?? nothing;
  const most = input.max_length ?? 4000;
  return input.style === PARAGRAPH
    ? html`<textarea
        rows="4"
        name=${name}
        id=${id}
        aria-describedby=${about}
        placeholder=${placeholder}
        minlength=${least}
        maxlength=${most}
        ?required=${required}
        .value=${value}
      ></textarea>`
    : html`<input
        type="text"
        autocomplete="off"
        name=${name}
        id=${id}
        aria-describedby=${about}
        placeholder=${placeholder}
        minlength=${least}
        maxlength=${most}
        ?required=${required}
        .value=${value}
      />`;
}

let opener: Element | null = null;

/** Opens the form that was drawn and leads the focus into it; gives the focus back when it is gone. */
export function followDialog(): void {
  const dialog = document.getElementById('dialog');
  if (dialog instanceof HTMLDialogElement) {
    if (dialog.open) return;
    opener = document.activeElement;
    dialog.showModal();
    dialog.querySelector<HTMLElement>('input, textarea, select')?.focus();
  } else if (opener !== null) {
    const back =
      opener instanceof HTMLElement && opener.isConnected ? opener : document.getElementById('message-box');
    opener = null;
    back?.focus();
  }
}
