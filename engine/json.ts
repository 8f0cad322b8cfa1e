/** True for a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a JSON object; of anything else, none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** The value when it is a text, else null. */
export function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text as JSON, or null when it is none. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return null;
  }
}

/** A response body as JSON, or null when it is none. */
export function parseBody(body: Buffer): unknown {
  return parseJson(body.toString('utf8'));
}

/** The `message` of a Docker error. */
export function parseMessage(body: Buffer): string {
  const found = parseBody(body);
  return (isRecord(found) && text(found['message'])) || body.toString('utf8').slice(0, 500);
}
