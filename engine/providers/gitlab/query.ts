/** Names as GitLab writes them, deep; a name in capitals stays as it is. */
export function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [snake(key), snakeCased(inner)]));
}

/** The part behind the question mark: `scope[]=manual&filter[environment_scope]=*`. Empty without parameters. */
export function queryString(parameters: Readonly<Record<string, unknown>> = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) append(query, snake(key), value);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function append(query: URLSearchParams, key: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) for (const inner of value) append(query, `${key}[]`, inner);
  else if (typeof value === 'object')
    for (const [name, inner] of Object.entries(value)) append(query, `${key}[${snake(name)}]`, inner);
  else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    query.append(key, String(value));
}

function snake(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, (_match, before: string, letter: string) => {
    return `${before}_${letter.toLowerCase()}`;
  });
}
