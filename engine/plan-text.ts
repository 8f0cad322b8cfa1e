import canonicalize from 'canonicalize';
import type { ChangedService } from '../schema/index.ts';
import type { Plan, Service, ShownChange, Step } from './types.ts';

/** What a definition says about one service, as far as the text form of a plan shows it. */
export interface PlanEntry {
  readonly path: string;
  readonly name: string;
  readonly host: string;
  readonly port: number | null;
  readonly image: string;
  readonly integrations: Readonly<Record<Integration, boolean>>;
}
const integrations = { traefik: 'Traefik', dns: 'DNS', authentik: 'Authentik', glance: 'Glance' } as const;
type Integration = keyof typeof integrations;

/** The entry of a service. */
export function planEntry(service: Service): PlanEntry {
  const { containers, checks, name, host, file, route, record, signOn, tile } = service;
  const main = containers.find((container) => container.name === name) ?? containers[0];
  return {
    path: file,
    name,
    host,
    port: main?.ports[0]?.host ?? checks.port,
    image: main?.image ?? '-',
    integrations: {
      traefik: route !== null,
      dns: record !== null,
      authentik: signOn !== null,
      glance: tile !== null,
    },
  };
}

/** The text pipelines show: one block for each service, then those that go away. */
export function renderPlanText(
  entries: readonly PlanEntry[],
  removed: readonly ChangedService[] = [],
): string {
  const blocks = [...entries.map(entryText), ...removed.map(removalText)];
  const body = blocks.length > 0 ? blocks : ['No service changes.\n'];
  return ['=== DEPLOYMENT PLAN ===\n', ...body, '=== END PLAN ===\n'].join('\n');
}

function entryText({ path, name, host, port, image, integrations: on }: PlanEntry): string {
  const switches = Object.entries(integrations).map(
    ([key, label]) => `  ${label}: ${on[key as Integration] ? 'enabled' : 'disabled'}`,
  );
  const lines = [
    `Service: ${path}`,
    `  Name: ${name}`,
    `  Host: ${host}`,
    `  Port: ${port ?? 'none'}`,
    `  Image: ${image}`,
    ...switches,
  ];
  return `${lines.join('\n')}\n`;
}

function removalText({ path, name }: ChangedService): string {
  return `Service: ${path}\n  Name: ${name}\n  Action: remove\n`;
}

/** One line for each step: `1 deploy grafana @docker-media  image: a:1 → a:2  (image differs)`. */
export function renderSteps(steps: readonly Step[]): string {
  return steps.map(stepLine).join('\n');
}

function stepLine({ id, system, changes, cause, irreversible }: Step): string {
  const what = changes.map(changeText).join('; ');
  const parts = [
    `${id} @${system}`,
    what,
    `(${cause})`,
    irreversible === undefined ? '' : `! ${irreversible}`,
  ];
  return parts.filter((part) => part !== '').join('  ');
}

function changeText({ what, before, after }: ShownChange): string {
  return `${what}: ${before ?? 'absent'} → ${after ?? 'absent'}`;
}

/** The plan a survey of the live systems gives, for people: steps, what is equal and why, risks, digest. */
export function renderLivePlan({ services, steps, risks, digest, downtime }: Plan): string {
  const idle = services.filter(({ action }) => action === 'none');
  const lines = [
    '=== LIVE PLAN ===',
    '',
    ...(steps.length > 0 ? [renderSteps(steps)] : ['Nothing to do.']),
    ...idle.map(({ name, proof }) => `= ${name}  ${proof.join('; ')}`),
    ...risks.map(({ service, message }) => `! ${service === '' ? '' : `${service}: `}${message}`),
    '',
    ...(steps.length > 0 ? [`Downtime: about ${downtime} s`] : []),
    `Digest: ${digest.slice(0, 12)}`,
    '',
    '=== END PLAN ===',
  ];
  return `${lines.join('\n')}\n`;
}

/** The plan as `plan.json`: keys in canonical order, so that two equal plans are equal files. */
export function renderPlanJson(plan: Plan): string {
  return `${JSON.stringify(JSON.parse(canonicalize(plan) ?? 'null'), null, 2)}\n`;
}
