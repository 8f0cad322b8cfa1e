import { toProblem } from '../problems.ts';
import type { Ports, RemoteHost } from '../ports.ts';
import { isRecord, parseJson } from '../json.ts';
import { knownPages } from '../stages/glance/known-pages.ts';
import type { GlanceSystem, Service } from '../types.ts';
import type { Check } from './examine.ts';
import { good, troubled, wrong, type Finding } from './finding.ts';
import { once, servicesOf, type Place } from './places.ts';
import { hostUnknown } from './traefik.ts';

type About = Pick<Finding, 'area' | 'subject'>;

/** The dashboard: its configuration, the pages definitions name, its container and its page. */
export function glanceChecks(places: readonly Place[]): readonly Check[] {
  return once(places, ({ fleet }) => [fleet.inventory.systems.glance]).map((named) => {
    const { system } = named;
    const [{ ports, fleet }] = named.places;
    const about = { area: 'glance', subject: system.config } as const;
    const entry = fleet.inventory.hosts[system.host];
    return {
      ...about,
      async look(signal): Promise<readonly Finding[]> {
        if (entry === undefined) return [hostUnknown(about, system.host)];
        const host = ports.host(entry);
        const each = await Promise.all([
          configuration(host, { system, services: servicesOf(named), about }, signal),
          container(host, system, signal),
          page(ports, system, signal),
        ]);
        return each.flat();
      },
    };
  });
}

async function configuration(
  host: RemoteHost,
  {
    system,
    services,
    about,
  }: { readonly system: GlanceSystem; readonly services: readonly Service[]; readonly about: About },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    const pages = await knownPages(host, system, signal);
    const wanted = [...new Set(services.flatMap(({ tile }) => (tile === null ? [] : [tile.page])))];
    const missing = wanted.filter((name) => pages.find(name) === null);
    return [
      good(about, `can be read on ${system.host} and has the pages ${pages.names.join(', ')}.`),
      ...missing.map((name) =>
        wrong(
          about,
          `has no page ${name ?? 'at all'}, which definitions name.`,
          'Add the page to Glance, or correct `page` in the definitions or under systems.glance in sentinel.yml.',
        ),
      ),
    ];
  } catch (error) {
    signal.throwIfAborted();
    return [troubled(about, toProblem(error))];
  }
}

async function container(
  host: RemoteHost,
  { container: name }: GlanceSystem,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (name === null) return [];
  const about = { area: 'glance', subject: name } as const;
  try {
    const answer = await host.docker(
      { method: 'GET', path: `/containers/${encodeURIComponent(name)}/json`, timeoutMs: 9_000 },
      signal,
    );
    if (answer.status === 404)
      return [
        wrong(
          about,
          `is no container on ${host.entry.name}.`,
          'Correct `systems.glance.container` in sentinel.yml, or start Glance.',
        ),
      ];
    const body = parseJson(answer.body.toString('utf8'));
    const state = isRecord(body) && isRecord(body['State']) ? body['State']['Status'] : null;
    if (state === 'running') return [good(about, `runs on ${host.entry.name}.`)];
    return [
      wrong(
        about,
        `does not run on ${host.entry.name} (${String(state)}).`,
        'Start Glance and look at its log.',
      ),
    ];
  } catch (error) {
    signal.throwIfAborted();
    return [troubled(about, toProblem(error))];
  }
}

async function page(
  { probe }: Pick<Ports, 'probe'>,
  { url }: GlanceSystem,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (url === null) return [];
  const about = { area: 'glance', subject: url } as const;
  const status = await probe.http(url, 5_000, signal);
  if (status === null)
    return [
      wrong(about, 'does not answer.', 'Check that Glance runs, and `systems.glance.url` in sentinel.yml.'),
    ];
  return [
    status < 500
      ? good(about, `answers (${status}).`)
      : wrong(about, `answers with an error (${status}).`, 'Look at Glance’s log.'),
  ];
}
