import { fieldsOf, list, text } from '../../../engine/json.ts';
import type { RowView, SystemView } from '../../page/view.ts';
import type { Traefik } from '../../traefik/index.ts';
import type { Router, Runtime } from '../../traefik/runtime.ts';

/** What Traefik has loaded: which name leads where, and through what. */
export function lookAtTraefik({ runtime }: Pick<Traefik, 'runtime'>): SystemView {
  // The way back from sign-on is a router of its own; people look for their services.
  const own = runtime.routers.filter(({ written }) => !String(written['rule']).includes('/outpost.'));
  return {
    ...{ id: 'traefik', name: 'Traefik', kind: 'proxy', state: 'up', empty: 'No route yet.' },
    rows: own
      .map((router) => rowOf(router, runtime))
      .toSorted((one, other) => one.key.localeCompare(other.key)),
  };
}

function rowOf(router: Router, runtime: Runtime): RowView {
  const through = router.middlewares.length === 0 ? null : `through ${router.middlewares.join(', ')}`;
  return {
    key: router.name,
    text: `${router.rule?.hosts.join(', ') ?? router.name} → ${backend(runtime, router.service) ?? '?'}`,
    detail: router.errors.length > 0 ? router.errors.join('; ') : through,
    tone: router.status === 'disabled' ? 'bad' : 'good',
  };
}

function backend({ services }: Runtime, name: string): string | null {
  const found = services.find((service) => service.name === name);
  const balancer = fieldsOf(fieldsOf(found?.written)['loadBalancer']);
  return text(fieldsOf(list(balancer['servers'])[0])['url']);
}
