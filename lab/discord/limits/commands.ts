import type { Form } from '../form.ts';
import { asList, asRecord } from '../../json.ts';

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

/** One command definition as Discord checks it at registration. */
export function checkCommand(form: Form, raw: unknown, prefix: string): void {
  const at = (key: string) => (prefix === '' ? key : `${prefix}.${key}`);
  const command = asRecord(raw);
  const type = command['type'] ?? 1;
  if (type === 1) {
    checkName(form, at('name'), command['name']);
    form.text(at('description'), command['description'], { min: 1, max: 100, required: true });
  } else form.text(at('name'), command['name'], { min: 1, max: 32, required: true });
  const permissions = command['default_member_permissions'];
  if (
    permissions !== undefined &&
    permissions !== null &&
    (typeof permissions !== 'string' || !/^\d+$/.test(permissions))
  )
    form.add(at('default_member_permissions'), 'NUMBER_TYPE_COERCE', 'Value is not int.');
  checkOptions(form, at('options'), command['options']);
  if (sizeOf(command) > 8000)
    form.add(prefix, 'APPLICATION_COMMAND_TOO_LARGE', 'Command exceeds maximum size (8000)');
}

function checkOptions(form: Form, path: string, raw: unknown): void {
  form.list(path, raw, 0, 25);
  const names = new Set<unknown>();
  let optionalSeen = false;
  for (const [index, entry] of asList(raw).entries()) {
    const at = `${path}.${index}`;
    const option = asRecord(entry);
    checkName(form, `${at}.name`, option['name']);
    form.text(`${at}.description`, option['description'], { min: 1, max: 100, required: true });
    form.number(`${at}.type`, option['type'], 1, 11);
    if (option['type'] === undefined) form.add(`${at}.type`, 'BASE_TYPE_REQUIRED', 'This field is required');
    if (names.has(option['name']))
      form.add(at, 'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS', 'Option name already exists');
    names.add(option['name']);
    if (option['required'] === true && optionalSeen)
      form.add(
        at,
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      );
    if (option['required'] !== true && option['type'] !== 1 && option['type'] !== 2) optionalSeen = true;
    checkChoices(form, at, option);
    checkOptions(form, `${at}.options`, option['options']);
  }
}

function checkChoices(form: Form, path: string, option: Record<string, unknown>): void {
  const choices = asList(option['choices']);
  form.list(`${path}.choices`, option['choices'], 0, 25);
  if (option['autocomplete'] === true && choices.length > 0)
    form.add(
      path,
      'APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE',
      'Cannot have both choices and autocomplete',
    );
  const names = new Set<unknown>();
  for (const [index, entry] of choices.entries()) {
    const choice = asRecord(entry);
    form.text(`${path}.choices.${index}.name`, choice['name'], { min: 1, max: 100, required: true });
    if (typeof choice['value'] === 'string')
      form.text(`${path}.choices.${index}.value`, choice['value'], { max: 100 });
    if (names.has(choice['name']))
      form.add(
        `${path}.choices`,
        'APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS',
        'Option choice name already exists',
      );
    names.add(choice['name']);
  }
}

function checkName(form: Form, path: string, name: unknown): void {
  form.text(path, name, { min: 1, max: 32, required: true });
  if (typeof name === 'string' && (!NAME.test(name) || name !== name.toLowerCase()))
    form.add(path, 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid');
}

function sizeOf(raw: Record<string, unknown>): number {
  const texts = [raw['name'], raw['description'], raw['value']];
  const own = texts.reduce((sum: number, text) => sum + (typeof text === 'string' ? text.length : 0), 0);
  const inner = [...asList(raw['options']), ...asList(raw['choices'])];
  return inner.reduce((sum: number, entry) => sum + sizeOf(asRecord(entry)), own);
}
