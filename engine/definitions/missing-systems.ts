import type { Inventory, Service } from '../types.ts';
import { placeOfSection } from './definition.ts';

/** Something that is allowed and will not do what a person expects. */
export interface Warning {
  readonly message: string;
  readonly where: string;
  readonly hint: string;
}

/** What services ask of systems sentinel.yml does not name: they are deployed without it. */
export function missingSystems(
  services: readonly Service[],
  { systems }: Pick<Inventory, 'systems'>,
): readonly Warning[] {
  return services.flatMap((service) => {
    const { route, record, signOn, tile, notify } = service;
    const wishes = [
      { section: 'traefik', what: 'a route', wanted: route, system: systems.traefik },
      { section: 'dns', what: 'a DNS record', wanted: record, system: systems.dns },
      { section: 'authentik', what: 'a sign-on', wanted: signOn, system: systems.authentik },
      { section: 'glance', what: 'a place on the dashboard', wanted: tile, system: systems.glance },
      {
        section: 'notifications',
        what: 'messages on ntfy',
        wanted: notify.ntfy,
        system: systems.notify.ntfy,
      },
    ];
    return wishes
      .filter(({ wanted, system }) => wanted !== null && system === null)
      .map(({ section, what }) => {
        const [name, part] =
          section === 'notifications' ? ['ntfy', 'notifications.ntfy'] : [section, 'the section'];
        return {
          message: `${service.name} asks for ${what}, but sentinel.yml has no systems.${name}`,
          where: placeOfSection(service, section),
          hint: `Add systems.${name} to sentinel.yml, or take ${part} out.`,
        };
      });
  });
}
