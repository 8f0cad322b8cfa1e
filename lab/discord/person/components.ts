import { childrenOf } from '../limits/components.ts';
import type { Component, LabMessage, OpenedModal } from '../state.ts';
import { ClientRefusal } from './options.ts';

/** The button a person means by its label or custom_id; refused when it cannot be pressed. */
export function findButton(message: LabMessage, wanted: string): Component & { readonly custom_id: string } {
  const buttons = flatten(message.components).filter(({ type }) => type === 2);
  const named = buttons.filter(({ label, custom_id }) => label === wanted || custom_id === wanted);
  const [button] = named;
  const offered = buttons.map(({ label, custom_id }) => label ?? custom_id ?? '?').join(', ');
  if (button === undefined)
    throw new ClientRefusal(`There is no button "${wanted}"; there is: ${offered || 'none'}.`);
  if (named.length > 1) throw new ClientRefusal(`"${wanted}" is the label of ${named.length} buttons.`);
  if (button.disabled === true) throw new ClientRefusal(`The button "${wanted}" is disabled.`);
  const { custom_id } = button;
  if (custom_id === undefined)
    throw new ClientRefusal(`"${wanted}" is a link to ${button.url ?? 'nowhere'}.`);
  return { ...button, custom_id };
}

/** The select meant by its custom_id or placeholder, with the values that are chosen (by value or label). */
export function chooseFrom(message: LabMessage, wanted: string, picked: readonly string[]) {
  const selects = flatten(message.components).filter(({ type }) => type >= 3 && type <= 8 && type !== 4);
  const select = selects.find(({ custom_id, placeholder }) => custom_id === wanted || placeholder === wanted);
  if (select?.custom_id === undefined) throw new ClientRefusal(`There is no select "${wanted}".`);
  if (select.disabled === true) throw new ClientRefusal(`The select "${wanted}" is disabled.`);
  return { select, custom_id: select.custom_id, values: valuesOf(select, picked) };
}

function valuesOf(select: Component, picked: readonly string[]): readonly string[] {
  const { min_values: min = 1, max_values: max = 1 } = select;
  if (picked.length < min || picked.length > max)
    throw new ClientRefusal(`Choose between ${min} and ${max} values.`);
  if (select.type !== 3) return picked;
  return picked.map((each) => {
    const option = select.options?.find(({ value, label }) => value === each || label === each);
    if (option === undefined) throw new ClientRefusal(`The select has no option "${each}".`);
    return option.value;
  });
}

/** The `components` of a submitted form, in the shape in which the modal was sent. */
export function fillModal(modal: OpenedModal, values: Readonly<Record<string, string | readonly string[]>>) {
  const known = new Set<string>();
  const fill = (input: Component, label: string | undefined, number: number): object => {
    const names = [input.custom_id, label].filter((name) => name !== undefined);
    for (const name of names) known.add(name);
    const given = names.map((name) => values[name]).find((value) => value !== undefined);
    const common = { type: input.type, id: number, custom_id: input.custom_id };
    if (input.type !== 4)
      return { ...common, values: valuesOf(input, typeof given === 'string' ? [given] : (given ?? [])) };
    const text = typeof given === 'string' ? given : (input.value ?? '');
    checkText(input, label ?? input.custom_id ?? '', text);
    return { ...common, value: text };
  };
  const filled = modal.components.flatMap((top, index): readonly object[] => {
    const { type, component, components, label } = top;
    const number = index * 2 + 1;
    if (type === 18 && component)
      return [{ type, id: number, component: fill(component, label, number + 1) }];
    if (type !== 1) return [];
    const inner = (components ?? []).map((input) => fill(input, input.label, number + 1));
    return [{ type, id: number, components: inner }];
  });
  for (const name of Object.keys(values))
    if (!known.has(name)) throw new ClientRefusal(`The form has no field "${name}".`);
  return filled;
}

function checkText(input: Component, name: string, text: string): void {
  const min = input.required === false ? 0 : Math.max(1, input.min_length ?? 0);
  if (text.length < min) throw new ClientRefusal(`The field "${name}" needs at least ${min} characters.`);
  const max = input.max_length ?? 4000;
  if (text.length > max) throw new ClientRefusal(`The field "${name}" takes at most ${max} characters.`);
}

function flatten(components: readonly Component[]): readonly Component[] {
  return components.flatMap((component) => [component, ...flatten(childrenOf(component))]);
}
