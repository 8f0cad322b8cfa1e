import type { LabPipeline } from '../../lab/gitlab/ci/types.ts';
import { webService } from '../../lab/house/definitions.ts';

const around = (name: string, signOn: boolean): string =>
  [
    'traefik:',
    `  subdomain: ${name}`,
    'dns:',
    `  hostname: ${name}`,
    'authentik:',
    `  enabled: ${signOn}`,
    'glance:',
    '  page: Home',
    `  bookmark: { group: Apps, title: "The ${name}" }`,
    'notifications:',
    '  ntfy: { enabled: true }',
  ].join('\n');

interface Wish {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** A service of a fleet with a secret and everything around it. */
export function fleetService(wish: Wish & { readonly image: string }): string {
  const more = ['  secrets:', '    - name: TOKEN', '      source: APP_TOKEN'].join('\n');
  return webService({ ...wish, more, around: around(wish.name, true) });
}

/** The service of a repository of its own; what runs is in its compose file. */
export function singleService(wish: Wish): string {
  const text = webService({ ...wish, image: 'none', around: around(wish.name, false) });
  return text
    .split('\n')
    .filter((line) => !line.startsWith('  image:'))
    .join('\n');
}

export function composeFile(image: string, port: number): string {
  return ['services:', '  web:', `    image: ${image}`, '    ports:', `      - "${port}:80"`, ''].join('\n');
}

/** What became of each job, in the order of the stages. */
export function jobsOf({ jobs }: LabPipeline): readonly string[] {
  return jobs.filter(({ retried }) => !retried).map(({ name, status }) => `${name} ${status}`);
}

/** What the webhook was told, as `outcome services`. */
export function told(caught: readonly unknown[]): readonly string[] {
  return caught.map((each) => {
    const { outcome, services } = each as {
      readonly outcome: string;
      readonly services: readonly { readonly name: string }[];
    };
    return [outcome, ...services.map(({ name }) => name)].join(' ');
  });
}
