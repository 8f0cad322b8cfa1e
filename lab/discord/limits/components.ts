import type { Form } from '../form.ts';
import { isRecord } from '../../json.ts';
import type { Component } from '../state.ts';

const SELECTS = [3, 5, 6, 7, 8];
const LAYOUT = [1, 9, 10, 12, 13, 14, 17];

/** Rows, buttons and selects as Discord takes them in a message. */
export function checkComponents(form: Form, components: readonly Component[], v2: boolean): void {
  if (!v2) form.list('components', components, 0, 5);
  const seen = new Set<string>();
  for (const [index, component] of components.entries())
    checkTop({ form, seen, v2 }, `components.${index}`, component);
  if (!v2) return;
  if (components.reduce((sum, component) => sum + countOf(component), 0) > 40)
    form.add('components', 'BASE_TYPE_BAD_LENGTH', 'The total number of components must be 40 or fewer.');
  if (components.reduce((sum, component) => sum + textLength(component), 0) > 4000)
    form.add('components', 'COMPONENT_MAX_TOTAL_TEXT', 'Component text exceeds maximum size of 4000');
}

interface Check {
  readonly form: Form;
  readonly seen: Set<string>;
  readonly v2: boolean;
}

function checkTop(check: Check, path: string, component: Component): void {
  const allowed = check.v2 ? LAYOUT : [1];
  if (!allowed.includes(component.type)) wrongPlace(check, path, allowed);
  else checkLayout(check, path, component);
}

function checkLayout(check: Check, path: string, component: Component): void {
  const inside = (component.components ?? []).entries();
  switch (component.type) {
    case 1:
      checkRow(check, path, component);
      return;
    case 10:
      check.form.text(`${path}.content`, component.content, { min: 1, max: 4000, required: true });
      return;
    case 9:
      check.form.list(`${path}.components`, component.components ?? [], 1, 3);
      for (const [index, child] of inside)
        if (child.type !== 10) wrongPlace(check, `${path}.components.${index}`, [10]);
        else checkLayout(check, `${path}.components.${index}`, child);
      if (component.accessory === undefined)
        check.form.add(`${path}.accessory`, 'BASE_TYPE_REQUIRED', 'This field is required');
      else if (component.accessory.type === 2) checkButton(check, `${path}.accessory`, component.accessory);
      return;
    case 17:
      check.form.list(`${path}.components`, component.components ?? [], 1, 40);
      for (const [index, child] of inside)
        if (!LAYOUT.includes(child.type) || child.type === 17)
          wrongPlace(
            check,
            `${path}.components.${index}`,
            LAYOUT.filter((type) => type !== 17),
          );
        else checkLayout(check, `${path}.components.${index}`, child);
  }
}

function checkRow(check: Check, path: string, row: Component): void {
  const children = row.components ?? [];
  const selects = children.filter(({ type }) => SELECTS.includes(type));
  check.form.list(`${path}.components`, children, 1, 5);
  if (selects.length > 0 && children.length > 1)
    check.form.add(
      `${path}.components`,
      'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
      'The specified component exceeds the maximum width',
    );
  for (const [index, child] of children.entries()) {
    const at = `${path}.components.${index}`;
    if (child.type === 2) checkButton(check, at, child);
    else if (SELECTS.includes(child.type)) checkSelect(check, at, child);
    else wrongPlace(check, at, [2, ...SELECTS]);
  }
}

function checkButton(check: Check, path: string, button: Component): void {
  const { form } = check;
  form.text(`${path}.label`, button.label, { max: 80 });
  if (![1, 2, 3, 4, 5].includes(button.style ?? 0))
    form.add(`${path}.style`, 'BASE_TYPE_CHOICES', 'Value must be one of (1, 2, 3, 4, 5, 6).');
  if ((button.label ?? '').trim() === '' && !isRecord(button.emoji))
    form.add(path, 'BUTTON_COMPONENT_INVALID_LABEL', 'A label or an emoji is required');
  if (button.style === 5) {
    form.text(`${path}.url`, button.url, { max: 512, required: true });
    if (button.custom_id !== undefined)
      form.add(path, 'BUTTON_COMPONENT_CUSTOM_ID_FORBIDDEN', 'A custom id and url cannot both be specified');
    if (button.url !== undefined && !/^(https?|discord):\/\//.test(button.url))
      form.add(
        `${path}.url`,
        'URL_TYPE_INVALID_SCHEME',
        "Scheme must be one of ('http', 'https', 'discord').",
      );
    return;
  }
  if (button.url !== undefined)
    form.add(path, 'BUTTON_COMPONENT_URL_FORBIDDEN', 'A url can only be specified for link buttons');
  checkCustomId(check, path, button);
}

function checkSelect(check: Check, path: string, select: Component): void {
  const { form } = check;
  checkCustomId(check, path, select);
  form.text(`${path}.placeholder`, select.placeholder, { max: 150 });
  form.number(`${path}.min_values`, select.min_values, 0, 25);
  form.number(`${path}.max_values`, select.max_values, 1, 25);
  if (select.type !== 3) return;
  form.list(`${path}.options`, select.options ?? [], 1, 25);
  const values = new Set<string>();
  for (const [index, option] of (select.options ?? []).entries()) {
    const at = `${path}.options.${index}`;
    form.text(`${at}.label`, option.label, { max: 100, required: true });
    form.text(`${at}.value`, option.value, { max: 100, required: true });
    form.text(`${at}.description`, option.description, { max: 100 });
    if (values.has(option.value))
      form.add(
        `${at}.value`,
        'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
        'The specified option value is already used',
      );
    values.add(option.value);
  }
}

function checkCustomId({ form, seen }: Check, path: string, { custom_id }: Component): void {
  form.text(`${path}.custom_id`, custom_id, { min: 1, max: 100, required: true });
  if (custom_id === undefined) return;
  if (seen.has(custom_id))
    form.add(
      `${path}.custom_id`,
      'COMPONENT_CUSTOM_ID_DUPLICATED',
      'Component custom id cannot be duplicated',
    );
  seen.add(custom_id);
}

function wrongPlace({ form }: Check, path: string, allowed: readonly number[]): void {
  form.add(
    `${path}.type`,
    'UNION_TYPE_CHOICES',
    `Value of field "type" must be one of (${allowed.join(', ')}).`,
  );
}

export function childrenOf(component: Component): readonly Component[] {
  const { components = [], component: inner, accessory } = component;
  return [
    ...components,
    ...(inner === undefined ? [] : [inner]),
    ...(accessory === undefined ? [] : [accessory]),
  ];
}

function countOf(component: Component): number {
  return childrenOf(component).reduce((sum, child) => sum + countOf(child), 1);
}

function textLength(component: Component): number {
  const own = component.type === 10 ? (component.content ?? '').length : 0;
  return childrenOf(component).reduce((sum, child) => sum + textLength(child), own);
}
