import type { World } from '../world.ts';

/** `sentinel.yml` for hosts of a world. */
export function inventoryText(world: Pick<World, 'hosts'>, more = ''): string {
  const hosts = world.hosts.map(
    ({ name, address, port, user, hostKey, installRoot }) =>
      `  ${name}:\n    address: ${address}\n    port: ${port}\n    user: ${user}\n    host_key: ${hostKey}\n    install_root: ${installRoot}\n`,
  );
  return `# Machines of this house\nhosts:\n${hosts.join('')}${more}`;
}

export interface WebService {
  readonly name: string;
  readonly host: string;
  /** Full reference. */
  readonly image: string;
  readonly port: number;
  readonly category?: string;
  /** Seconds between two asks, and how many may fail: together the time it has to become healthy. */
  readonly retries?: number;
  /** More lines of the `deployment:` section, indented by two spaces. */
  readonly more?: string;
  /** The sections about the systems around it. */
  readonly around?: string;
}

/** A definition the way an owner writes one, comments included. */
export function webService({
  name,
  host,
  image,
  port,
  category = 'media',
  retries = 4,
  more = '',
  around = '',
}: WebService): string {
  return [
    `# ${name}: what it is and why it is here`,
    'service:',
    `  name: ${name}`,
    `  category: ${category}`,
    '',
    'deployment:',
    `  target_host: ${host}   # the quiet one`,
    `  image: ${image}        # checked by hand before every change`,
    `  port: ${port}`,
    '  container_port: 80',
    '  healthcheck:',
    '    enabled: true',
    '    endpoint: /',
    `    port: ${port}`,
    '    interval: 1',
    '    timeout: 1',
    `    retries: ${retries}`,
    '    expected_status: [200]',
    ...(more === '' ? [] : [more]),
    ...(around === '' ? [] : [around]),
    '',
  ].join('\n');
}
