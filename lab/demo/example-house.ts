import { inventoryText } from '../house/definitions.ts';
import type { HouseRole } from '../house/house.ts';
import { initFiles } from '../house/pipeline.ts';
import type { LabOpnsense } from '../opnsense/opnsense.ts';
import type { WorldHost } from '../world.ts';
import { exampleFiles } from './cast.ts';

type Files = Readonly<Record<string, string>>;

/** The machine of the environment in which changes are tried first. */
export const stagingHost = 'docker-vm-staging';
export const stagingDomain = 'staging.home.example.net';
export const crashingVersion = '10.4.0';
export const grafanaFile = 'services/monitoring/grafana.yml';

/** Who may do what; dora belongs to the household and may look. */
export const exampleRoles: readonly HouseRole[] = [
  { name: 'household', capabilities: ['view'], people: ['dora'] },
  { name: 'deployers', capabilities: ['view', 'deploy', 'rollback'], people: ['ana'] },
  { name: 'approvers', capabilities: ['view', 'approve'], people: ['ben'] },
  {
    name: 'admins',
    capabilities: ['view', 'deploy', 'approve', 'rollback', 'administer'],
    people: ['cleo'],
  },
];

/** Made up: nothing outside this process knows them. */
export const exampleSecrets: Files = {
  GRAFANA_ADMIN_PASSWORD: 'correct-horse-battery',
  N8N_ENCRYPTION_KEY: 'seventeen-quiet-otters',
  PAPERLESS_SECRET_KEY: 'ink-that-never-dries',
  PAPERLESS_ADMIN_PASSWORD: 'paper-crane-lantern',
  PAPERLESS_DB_PASSWORD: 'drawer-full-of-stamps',
  PAPERLESS_OIDC_SECRET: 'one-envelope-too-many',
};

/** Services that run when the lab opens, each after those it needs; Paperless is still to be deployed. */
export const runningServices = ['prometheus', 'grafana', 'jellyfin', 'metube', 'n8n'] as const;

/** The services of production: Grafana as it was deployed last, and as its owner has it in Git since. */
export function productionFiles(): { readonly deployed: Files; readonly since: Files } {
  // Glance itself is one of the systems around them here, and sign-on is a middleware of each route.
  const kept = Object.entries(exampleFiles()).filter(([path]) => path !== 'services/dashboard/glance.yml');
  const files = Object.fromEntries(
    kept.map(([path, text]) => [path, text.replace('  middlewares: [authentik-auth]\n', '')]),
  );
  const grafana = files[grafanaFile] ?? '';
  return {
    deployed: { ...files, [grafanaFile]: grafana.replaceAll('10.2.3', '10.1.5') },
    since: { [grafanaFile]: grafana },
  };
}

/** The branch `staging`: a machine, a DNS server and two small services of its own. */
export function stagingFiles(
  host: WorldHost,
  { opnsense, pipeline }: { readonly opnsense: LabOpnsense; readonly pipeline: boolean },
): Files {
  const ci = initFiles('fleet')['.gitlab-ci.yml'] ?? '';
  return {
    'sentinel.yml': inventoryText({ hosts: [host] }, stagingSystems(opnsense)),
    'services/utilities/whoami.yml': small({ name: 'whoami', image: 'traefik/whoami:v1.10.3', port: 8088 }),
    'services/utilities/it-tools.yml': small({
      ...{ name: 'it-tools', image: 'corentinth/it-tools:2024.5.13', port: 8089 },
    }),
    ...(pipeline ? { '.gitlab-ci.yml': ci } : {}),
  };
}

function stagingSystems(opnsense: LabOpnsense): string {
  return [
    `domain: ${stagingDomain}`,
    'systems:',
    '  dns:',
    '    provider: opnsense',
    `    url: ${opnsense.url}`,
    '    key: OPNSENSE_KEY',
    '    secret: OPNSENSE_SECRET',
    `    server: ${opnsense.server.address}:${opnsense.server.port}`,
    '',
  ].join('\n');
}

function small(of: { readonly name: string; readonly image: string; readonly port: number }): string {
  return [
    'service:',
    `  name: ${of.name}`,
    '  category: utilities',
    '',
    'deployment:',
    `  target_host: ${stagingHost}`,
    `  image: ${of.image}`,
    `  port: ${of.port}`,
    '  container_port: 80',
    '  healthcheck:',
    '    endpoint: /',
    '    interval: 1',
    '    timeout: 2',
    '    retries: 5',
    '',
    'dns:',
    `  hostname: ${of.name}`,
    '',
  ].join('\n');
}
