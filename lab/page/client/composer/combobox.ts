import Combobox from '@github/combobox-nav';
import type { Composer } from './composer.ts';

let combobox: Combobox | null = null;
let offered = '';

/** Keeps the keys of the list in step with what was drawn; called after every drawing. */
export function followOffers(composer: Composer): void {
  const input = document.getElementById('message-box');
  const list = document.getElementById('offers');
  if (!(input instanceof HTMLInputElement) || list === null) return;
  if (combobox?.input !== input) {
    input.addEventListener('keydown', (event) => stayOnTheOnly(event, list));
    combobox = new Combobox(input, list, { tabInsertsSuggestions: true });
    offered = '';
  }
  const keys = [...list.children].map(({ textContent }) => textContent).join('\n');
  const now = `${composer.command?.name ?? ''} ${composer.editing ?? ''} ${composer.text} ${keys}`;
  if (now === offered) return;
  offered = now;
  combobox.stop();
  // With everything filled in Enter sends; more options are only chosen on purpose.
  const optional = composer.command !== null && composer.editing === null && composer.text === '';
  combobox.firstOptionSelectionMode = optional ? 'none' : 'selected';
  if (keys !== '') combobox.start();
}

/** The arrows lead from the last offer to none, which with one offer is not what anybody means. */
function stayOnTheOnly(event: KeyboardEvent, list: HTMLElement): void {
  const only = list.children.length === 1 ? list.firstElementChild : null;
  if (only?.getAttribute('aria-selected') !== 'true' || !/^Arrow(Up|Down)$/.test(event.key)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}
