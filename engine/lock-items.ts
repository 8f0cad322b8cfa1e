import type { Scope } from './ports.ts';
import type { LockItem } from './stages/deploy/index.ts';

/** Every place on a host that a scope's services have or leave, to be locked while they are changed. */
export function lockItems({ inventory, services }: Scope): readonly LockItem[] {
  return services.flatMap((scoped) => {
    const { service, name } = scoped;
    const places = [{ host: service.host, path: service.installPath }];
    if (scoped.want === 'present' && scoped.formerly !== undefined) places.push(scoped.formerly);
    return places.flatMap(({ host, path }) => {
      const entry = inventory.hosts[host];
      return entry === undefined ? [] : [{ entry, path, service: name }];
    });
  });
}
