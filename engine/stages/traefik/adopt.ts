import type { DefinitionEdit } from '../../ports.ts';
import type { Service, ShownChange, StepOf } from '../../types.ts';
import { adoptable } from './changes.ts';

/** Edits that make the definition say what the route file says; null where single values cannot. */
export function adoptRoute(step: StepOf<'traefik'>, service: Service): readonly DefinitionEdit[] | null {
  const { before, after, changes } = step;
  if (after === null) return null;
  if (before === null) return [{ path: ['traefik', 'enabled'], value: false }];
  const edits = changes.map((change) => editFor(change, step, service));
  return edits.length > 0 && edits.every((edit) => edit !== null) ? edits.flat() : null;
}

function editFor(
  { what, before, after }: ShownChange,
  step: StepOf<'traefik'>,
  service: Service,
): readonly DefinitionEdit[] | null {
  if (before === null || after === null) return null;
  switch (what) {
    case adoptable.hostname:
      return hostnameEdit(before, step);
    case adoptable.backend:
      return backendEdit(before, after, service);
    case adoptable.resolver:
      return [{ path: ['traefik', 'tls', 'cert_resolver'], value: before }];
    default:
      return null;
  }
}

/** The full name is understood as well, as long as it is below the same domain. */
function hostnameEdit(found: string, { before, after }: StepOf<'traefik'>): readonly DefinitionEdit[] | null {
  const [wanted = ''] = after?.hostnames ?? [];
  const rest = wanted.slice(wanted.indexOf('.') + 1);
  // Every rule of the file has to agree, or Git could not say what it says.
  if (before?.hostnames.length !== 1 || before.hostnames[0] !== found) return null;
  return found.endsWith(`.${rest}`) ? [{ path: ['traefik', 'subdomain'], value: found }] : null;
}

function backendEdit(
  before: string,
  after: string,
  { signOn, route }: Service,
): readonly DefinitionEdit[] | null {
  if (signOn?.method === 'proxy' || !URL.canParse(before) || !URL.canParse(after)) return null;
  const [found, wanted] = [new URL(before), new URL(after)];
  const scheme = found.protocol.replace(':', '');
  const port = Number(found.port === '' ? (scheme === 'https' ? 443 : 80) : found.port);
  if (found.hostname !== wanted.hostname || found.pathname !== '/' || !/^https?$/.test(scheme)) return null;
  if (route === null) return null;
  return [
    ...(found.protocol === wanted.protocol ? [] : [{ path: ['traefik', 'scheme'], value: scheme }]),
    ...(found.port === wanted.port ? [] : [{ path: ['traefik', 'port'], value: port }]),
  ];
}
