import { createForm, type Form } from '../form.ts';
import { asList, asRecord, isRecord } from '../../json.ts';
import type { Component, OpenedModal } from '../state.ts';

/** Reads the modal of a callback, or throws 50035. */
export function parseModal(raw: unknown): OpenedModal {
  const body = asRecord(raw);
  const form = createForm();
  form.text('data.custom_id', body['custom_id'], { min: 1, max: 100, required: true });
  form.text('data.title', body['title'], { min: 1, max: 45, required: true });
  if (!Array.isArray(body['components']))
    form.add('data.components', 'BASE_TYPE_REQUIRED', 'This field is required');
  form.list('data.components', body['components'], 1, 5);
  const seen = new Set<string>();
  for (const [index, entry] of asList(body['components']).entries())
    checkEntry(form, seen, { path: `data.components.${index}`, entry });
  form.settle();
  return {
    customId: String(body['custom_id']),
    title: String(body['title']),
    components: asList(body['components']) as readonly Component[],
  };
}

function checkEntry(form: Form, seen: Set<string>, { path, entry }: { path: string; entry: unknown }): void {
  const { type, label, description, component, components, content } = asRecord(entry);
  if (type === 10) form.text(`${path}.content`, content, { min: 1, max: 4000, required: true });
  else if (type === 18) {
    form.text(`${path}.label`, label, { min: 1, max: 45, required: true });
    form.text(`${path}.description`, description, { max: 100 });
    checkInput(form, seen, { path: `${path}.component`, input: component, label: null });
  } else if (type === 1) {
    form.list(`${path}.components`, components, 1, 1);
    const input = asList(components)[0];
    checkInput(form, seen, { path: `${path}.components.0`, input, label: asRecord(input)['label'] });
  } else form.add(`${path}.type`, 'UNION_TYPE_CHOICES', 'Value of field "type" must be one of (1, 10, 18).');
}

const INPUTS: readonly unknown[] = [3, 4, 5, 6, 7, 8, 19, 21, 22, 23];

function checkInput(
  form: Form,
  seen: Set<string>,
  { path, input, label }: { path: string; input: unknown; label: unknown },
): void {
  if (!isRecord(input)) {
    form.add(path, 'BASE_TYPE_REQUIRED', 'This field is required');
    return;
  }
  const id = input['custom_id'];
  if (!INPUTS.includes(input['type']))
    form.add(
      `${path}.type`,
      'UNION_TYPE_CHOICES',
      `Value of field "type" must be one of (${INPUTS.join(', ')}).`,
    );
  form.text(`${path}.custom_id`, id, { min: 1, max: 100, required: true });
  if (typeof id === 'string' && seen.has(id))
    form.add(
      `${path}.custom_id`,
      'COMPONENT_CUSTOM_ID_DUPLICATED',
      'Component custom id cannot be duplicated',
    );
  if (typeof id === 'string') seen.add(id);
  if (input['type'] !== 4) return;
  if (label !== null) form.text(`${path}.label`, label, { min: 1, max: 45, required: true });
  if (input['style'] !== 1 && input['style'] !== 2)
    form.add(`${path}.style`, 'BASE_TYPE_CHOICES', 'Value must be one of (1, 2).');
  form.text(`${path}.placeholder`, input['placeholder'], { max: 100 });
  form.text(`${path}.value`, input['value'], { max: 4000 });
  form.number(`${path}.min_length`, input['min_length'], 0, 4000);
  form.number(`${path}.max_length`, input['max_length'], 1, 4000);
}
