import { askDns } from '../../engine/providers/dns-question.ts';
import { createHouseSystems, type HouseSystems } from '../../lab/house/systems.ts';
import type { World } from '../../lab/world.ts';

/** The systems around a service, in the words of scenarios. */
export interface Around extends HouseSystems {
  /** As the owner left them. */
  readonly before: {
    readonly routeFiles: Readonly<Record<string, string>>;
    readonly dashboard: string;
    readonly records: readonly string[];
  };
  /** An address records may be moved to. */
  readonly otherAddress: string;
  resolve(name: string): Promise<readonly string[]>;
  dashboard(): Promise<string>;
  records(): readonly string[];
  /** Slugs. */
  applications(): readonly string[];
  addRecord(entry: string): void;
  /** Somebody changes a record by hand. */
  moveRecord(name: string, address: string): void;
  /** It goes away as soon as something is written to it. */
  breakDns(): void;
  repairDns(): Promise<void>;
  breakSignOn(): void;
  /** Everything the sinks were told. */
  told(): string;
}

export async function openAround(world: World): Promise<Around> {
  const systems = await createHouseSystems(world);
  const { pihole, authentik, glance, ntfy, webhook } = systems;
  const records = (): readonly string[] => [...pihole.state.hosts];
  const before = {
    routeFiles: await systems.routeFiles(),
    dashboard: await glance.text(),
    records: records(),
  };
  return {
    ...systems,
    before,
    otherAddress: '10.8.8.8',
    resolve: (name) => askDns(pihole.server, name, new AbortController().signal),
    dashboard: () => glance.text(),
    records,
    applications: () => authentik.state.applications.map(({ fields }) => String(fields['slug'])),
    addRecord: (entry) => void (pihole.state.hosts = [...pihole.state.hosts, entry]),
    moveRecord(name, address) {
      pihole.state.hosts = pihole.state.hosts.map((entry) =>
        entry.endsWith(` ${name}`) ? `${address} ${name}` : entry,
      );
    },
    breakDns: () =>
      pihole.faults.next({
        ...{ method: 'PUT', path: '/config/dns/hosts', cut: 'before' },
        before: () => void pihole.down(),
      }),
    repairDns: () => pihole.up(),
    breakSignOn: () =>
      authentik.faults.next({
        ...{ method: 'POST', path: /^\/providers\/proxy\//, reset: true },
        meanwhile: () => void authentik.down(),
      }),
    told: () => JSON.stringify([ntfy.requests, webhook.caught]),
  };
}
