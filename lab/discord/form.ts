import { ApiError } from './api-error.ts';
import { isRecord } from '../json.ts';

/** Collects what is wrong with a request body and throws it in the nested shape of error 50035. */
export interface Form {
  add(path: string, code: string, message: string): void;
  /** A text of `min`–`max` characters after trimming; absent is fine unless `required`. */
  text(path: string, value: unknown, rule: TextRule): void;
  list(path: string, value: unknown, min: number, max: number): void;
  number(path: string, value: unknown, min: number, max: number): void;
  /** Throws 50035 when anything was added. */
  settle(): void;
}
export interface TextRule {
  readonly max: number;
  readonly min?: number;
  readonly required?: boolean;
}

export function createForm(): Form {
  const found: { readonly path: string; readonly code: string; readonly message: string }[] = [];
  const add: Form['add'] = (path, code, message) => found.push({ path, code, message });

  return {
    add,
    text(path, value, { max, min = 0, required = false }) {
      if (value === undefined || value === null) {
        if (required) add(path, 'BASE_TYPE_REQUIRED', 'This field is required');
      } else if (typeof value !== 'string') {
        add(path, 'STRING_TYPE_CONVERT', `Could not interpret "${JSON.stringify(value)}" as string.`);
      } else checkLength(value.trim().length);

      function checkLength(length: number) {
        if (required && length === 0) add(path, 'BASE_TYPE_REQUIRED', 'This field is required');
        else if (min > 0 && (length < min || length > max))
          add(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`);
        else if (length > max) add(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`);
      }
    },
    list(path, value, min, max) {
      if (value === undefined || value === null) return;
      if (!Array.isArray(value)) add(path, 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType');
      else if (value.length < min || value.length > max)
        add(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`);
    },
    number(path, value, min, max) {
      if (value === undefined || value === null) return;
      if (typeof value !== 'number' || !Number.isFinite(value))
        add(path, 'NUMBER_TYPE_COERCE', `Value "${JSON.stringify(value)}" is not a number.`);
      else if (value < min || value > max)
        add(path, 'NUMBER_TYPE_MAX', `Value should be between ${min} and ${max}.`);
    },
    settle() {
      if (found.length > 0) throw invalidForm(found);
    },
  };
}

function invalidForm(found: readonly { path: string; code: string; message: string }[]): ApiError {
  const errors: Record<string, unknown> = {};
  for (const { path, code, message } of found) {
    let at = errors;
    for (const key of path === '' ? [] : path.split('.')) {
      const next = at[key];
      const child = isRecord(next) ? next : {};
      at[key] = child;
      at = child;
    }
    const list = Array.isArray(at['_errors']) ? (at['_errors'] as readonly unknown[]) : [];
    at['_errors'] = [...list, { code, message }];
  }
  return new ApiError({ status: 400, code: 50035, message: 'Invalid Form Body', errors });
}
