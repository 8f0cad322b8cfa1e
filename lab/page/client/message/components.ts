import { html, nothing, type TemplateResult } from 'lit';
import type { MessageView } from '../../view.ts';
import type { Around } from '../around.ts';
import { isWebLink, placeIn } from '../markdown/segments.ts';

type Component = MessageView['components'][number];
interface RowPlace {
  readonly message: string;
  readonly around: Around;
}

const ROW = 1;
const BUTTON = 2;
const SELECT = 3;
const LOOKS: Readonly<Record<number, string>> = { 1: 'primary', 2: 'secondary', 3: 'success', 4: 'danger' };

/** Buttons and menus under a message. They are native elements: Skyra's cannot be disabled or reached by keyboard. */
export function rowsTemplate(rows: readonly Component[], place: RowPlace): readonly TemplateResult[] {
  return rows
    .filter(({ type }) => type === ROW)
    .map(
      (row) =>
        html`<discord-action-row slot="components"
          >${(row.components ?? []).map((each) => componentTemplate(each, place))}</discord-action-row
        >`,
    );
}

function componentTemplate(component: Component, place: RowPlace): TemplateResult | typeof nothing {
  if (component.type === BUTTON)
    return component.url === undefined
      ? buttonTemplate(component, place)
      : linkTemplate(component, { ...place, url: component.url });
  return component.type === SELECT ? selectTemplate(component, place) : nothing;
}

function labelOf({ emoji, label }: Component): TemplateResult {
  return html`${emoji?.name === undefined ? nothing : html`<span aria-hidden="true">${emoji.name}</span> `}${
    label ?? ''
  }`;
}

function buttonTemplate(button: Component, { message, around }: RowPlace): TemplateResult {
  const id = button.custom_id ?? '';
  const busy = around.busy?.has(`${message} ${id}`) === true;
  return html`<button
    type="button"
    class="button ${LOOKS[button.style ?? 2] ?? 'secondary'}"
    ?disabled=${button.disabled === true}
    aria-label=${button.label ?? button.emoji?.name ?? 'Button'}
    aria-busy=${busy ? 'true' : nothing}
    @click=${() => (busy ? undefined : around.acts.click(message, id))}
  >
    ${labelOf(button)}
  </button>`;
}

/** A link to a place of Discord opens it here. */
function linkTemplate(
  button: Component,
  { around, url }: RowPlace & { readonly url: string },
): TemplateResult {
  const place = placeIn(url);
  if (place !== null)
    return html`<button
      type="button"
      class="button secondary"
      ?disabled=${button.disabled === true}
      @click=${() => around.acts.open(place.channel, place.message)}
    >
      ${labelOf(button)}<span class="leads" aria-hidden="true">›</span>
    </button>`;
  return html`<a
    class="button secondary"
    href=${isWebLink(url) ? url : nothing}
    target="_blank"
    rel="noopener noreferrer"
    >${labelOf(button)}<span class="leads" aria-hidden="true">↗</span></a
  >`;
}

function selectTemplate(select: Component, { message, around }: RowPlace): TemplateResult {
  const { placeholder = 'Make a selection', options = [], custom_id: id = '', max_values: most = 1 } = select;
  const choose = (event: Event) => {
    if (!(event.target instanceof HTMLSelectElement)) return;
    const values = [...event.target.selectedOptions]
      .map(({ value }) => value)
      .filter((value) => value !== '');
    if (most > 1 && values.length < (select.min_values ?? 1)) return;
    if (values.length > 0) around.acts.choose(message, id, values);
  };
  return html`<select
    class="select"
    aria-label=${placeholder}
    ?multiple=${most > 1}
    ?disabled=${select.disabled === true}
    @change=${choose}
  >
    ${most > 1 ? nothing : html`<option value="">${placeholder}</option>`}
    ${options.map(
      (option) =>
        html`<option value=${option.value} ?selected=${option.default === true}>
          ${option.label}${option.description === undefined ? '' : `: ${option.description}`}
        </option>`,
    )}
  </select>`;
}
