/** What Watchtower tells after a round. */
export interface News {
  readonly title: string | null;
  readonly message: string;
  /** Containers it says it recreated with another image. */
  readonly updated: readonly string[];
}

const name = String.raw`\/?([A-Za-z0-9][\w.-]*)`;
const patterns = [
  // Its report: `- grafana (grafana/grafana:latest): 1a2b updated to 3c4d`.
  new RegExp(String.raw`(?:^|\s)${name} \([^()\n]*\): \S+ updated to \S+`, 'gm'),
  // Its log: `Creating /grafana`.
  /\bCreating \/([A-Za-z0-9][\w.-]*)/g,
];

/** The body of its webhook: `{ title, message }`, or the message itself. Null where there is nothing in it. */
export function parseNews(body: string): News | null {
  const { title, message } = readBody(body);
  const text = message.trim();
  if (text === '') return null;
  const found = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, one = '']) => one));
  return { title: title?.trim() === '' ? null : title, message: text, updated: [...new Set(found)] };
}

/** A service, as far as its containers can be told by their names. */
export interface KnownService {
  readonly name: string;
  /** What its containers are called, where its definition says so. */
  readonly containers?: readonly string[];
}

/** Which of these services a container belongs to: by the name it was given, or by the one Compose makes up. */
export function serviceOf(container: string, services: readonly KnownService[]): string | undefined {
  const given =
    services.find(({ name }) => container === name) ??
    services.find(({ containers = [] }) => containers.includes(container));
  if (given !== undefined) return given.name;
  return services
    .map(({ name }) => name)
    .filter((name) => container.startsWith(`${name}-`) && /^-.+-\d+$/.test(container.slice(name.length)))
    .toSorted((a, b) => b.length - a.length)[0];
}

/** Whether all it is about are services nobody wants to hear of. */
export function isUnwanted(
  { updated }: News,
  services: readonly (KnownService & { readonly silentUpdates?: true })[],
): boolean {
  const silent = new Set(services.filter(({ silentUpdates }) => silentUpdates).map(({ name }) => name));
  return updated.length > 0 && updated.every((container) => silent.has(serviceOf(container, services) ?? ''));
}

/** Its plain text comes labelled as JSON too, so only what really is JSON is read as such. */
function readBody(body: string): { readonly title: string | null; readonly message: string } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { title: null, message: body };
  }
  if (
    typeof value !== 'object' ||
    value === null ||
    !('message' in value) ||
    typeof value.message !== 'string'
  )
    return { title: null, message: typeof value === 'object' ? '' : body };
  const title = 'title' in value && typeof value.title === 'string' ? value.title : null;
  return { title, message: value.message };
}
