import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Shown } from '../page.ts';
import { leavesOf, type Chip, type Leaf } from './command-line.ts';
import { optionNamed, type Composer, type Move } from './composer.ts';
import { offersOf, type Offer } from './offers.ts';

/** The message box with its list of what can be chosen. */
export function composerTemplate(shown: Shown): TemplateResult {
  const { page, view, does } = shown;
  const { composer } = page;
  const offers = offersOf(composer, { leaves: leavesOf(view.commands), answered: page.answered });
  return html`<form
    class="composer"
    id="composer"
    @submit=${(event: Event) => {
      event.preventDefault();
      does.send();
    }}
    @keydown=${(event: KeyboardEvent) => onKey(event, shown)}
  >
    ${offersTemplate(offers, shown)}
    <p
      class="hint ${composer.problem === null ? '' : 'wrong'}"
      id="hint"
      role=${composer.problem === null ? nothing : 'alert'}
    >
      ${composer.problem ?? page.problem ?? hintOf(shown)}
    </p>
    <div class="box" @click=${focusInput}>
      ${composer.command === null ? nothing : html`<span class="command">/${composer.command.name}</span>`}
      ${composer.chips.map((chip) => chipTemplate(chip, shown))}
      <span class="entry ${composer.editing === null ? '' : 'editing'}">
        ${
          composer.editing === null
            ? nothing
            : html`<label class="name" for="message-box">${composer.editing}:</label>`
        }
        <input
          id="message-box"
          type="text"
          autocomplete="off"
          autocapitalize="off"
          enterkeyhint="send"
          spellcheck="false"
          aria-label=${labelOf(shown)}
          aria-describedby="hint"
          placeholder=${placeholderOf(shown)}
          .value=${live(composer.text)}
          @input=${(event: Event) => {
            if (event.target instanceof HTMLInputElement) does.move({ do: 'type', text: event.target.value });
          }}
        />
      </span>
      <button type="submit" class="send" aria-label="Send"><span aria-hidden="true">➤</span></button>
    </div>
  </form>`;
}

function focusInput(event: Event): void {
  if (event.target === event.currentTarget) document.getElementById('message-box')?.focus();
}

/** Keys the list did not use. */
function onKey(event: KeyboardEvent, { page, does }: Shown): void {
  if (!(event.target instanceof HTMLInputElement) || event.defaultPrevented || event.isComposing) return;
  const move = moveFor(event, page.composer);
  if (move === null) return;
  event.preventDefault();
  does.move(move);
}

function moveFor({ key, shiftKey }: KeyboardEvent, { text, command, editing }: Composer): Move | null {
  switch (key) {
    case 'Escape':
      return { do: 'escape' };
    case 'Backspace':
      return text === '' && command !== null ? { do: 'backspace' } : null;
    case 'Tab':
      return editing !== null && text.trim() !== '' && !shiftKey ? { do: 'settle' } : null;
    case 'ArrowUp':
      return text === '' && command === null ? { do: 'recall' } : null;
    default:
      return null;
  }
}

function offersTemplate(offers: readonly Offer[], { page, does }: Shown): TemplateResult {
  return html`<div class="offers" ?hidden=${offers.length === 0}>
    <ul
      id="offers"
      role="listbox"
      aria-label=${page.composer.command === null ? 'Commands' : 'Options'}
      @combobox-commit=${(event: Event) => {
        const chosen = event.target instanceof HTMLElement ? event.target.dataset['key'] : undefined;
        const offer = offers.find(({ key }) => key === chosen);
        if (offer !== undefined) does.move(offer.move);
      }}
    >
      ${repeat(
        offers,
        ({ move, key }) => `${move.do} ${key}`,
        ({ key, title, hint }, index) =>
          html`<li role="option" id="offer-${index}" data-key=${key}>
            <strong>${title}</strong>${hint === '' ? nothing : html` <span>${hint}</span>`}
          </li>`,
      )}
    </ul>
  </div>`;
}

function chipTemplate({ option, shown: text }: Chip, { does }: Shown): TemplateResult {
  return html`<span class="chip">
    <button
      type="button"
      class="edit"
      aria-label="Change ${option}: ${text}"
      @click=${() => does.move({ do: 'edit', option })}
    >
      <span class="name">${option}:</span> ${text}
    </button>
    <button
      type="button"
      class="remove"
      aria-label="Remove ${option}"
      @click=${() => does.move({ do: 'remove', option })}
    >
      ×
    </button>
  </span>`;
}

function hintOf({ page }: Shown): string {
  const { command, editing } = page.composer;
  if (command === null) return '';
  const option = optionNamed(command, editing);
  if (option !== null)
    return `${option.description}${option.required === true ? ' (required)' : ' (optional)'}`;
  return readyHint(command, page.composer.chips);
}

function readyHint({ description, options }: Leaf, chips: readonly Chip[]): string {
  const left = options.length - chips.length;
  return left > 0
    ? `${description}. Enter sends it; the arrows offer ${left} more.`
    : `${description}. Enter sends it.`;
}

function labelOf({ page }: Shown): string {
  const { command, editing } = page.composer;
  if (command === null) return 'Message, or / for a command';
  return editing === null ? `/${command.name}: an option, or Enter to send` : `${command.name} ${editing}`;
}

function placeholderOf({ page }: Shown): string {
  if (page.composer.command !== null) return '';
  return 'Message, or / for commands';
}
