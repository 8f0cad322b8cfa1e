import { runCli } from '../../../engine/cli/program.ts';
import type { CliPorts } from '../../../engine/cli/ports.ts';
import { openCheckout } from '../../../engine/providers/git/checkout.ts';
import { createWorkingTree } from '../../../engine/providers/git/working-tree.ts';
import { bareCliPorts } from '../../../lab/bare-cli-ports.ts';
import { idle } from '../providers/git/scratch.ts';

export interface Answer {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `sentinel …` in a folder with real git, and keeps what it printed. */
export async function sentinel(
  args: readonly string[],
  {
    directory,
    signal = idle(),
    ...given
  }: Partial<CliPorts> & { readonly directory: string; readonly signal?: AbortSignal },
): Promise<Answer> {
  let [out, err] = ['', ''];
  const exitCode = await runCli(
    args,
    {
      ...bareCliPorts,
      version: '1.2.3',
      directory,
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      openCheckout: (path, signal) => openCheckout(path, { signal, env: process.env }),
      createWorkingTree: (path, signal) => createWorkingTree(path, { signal, env: process.env }),
      login: 'olivia@laptop',
      ...given,
    },
    signal,
  );
  return { exitCode, out, err };
}

/** A definition as the schema wants it. */
export function definition(
  name: string,
  { port = 8082, image = 'ghcr.io/alexta69/metube:latest' } = {},
): string {
  return `service:
  name: ${name}
  display_name: ${name}
  category: downloads
deployment:
  target_host: docker-media
  image: ${image}
  port: ${port}
  container_port: 8081
traefik:
  enabled: true
  subdomain: ${name}
dns:
  enabled: true
  hostname: ${name}
authentik:
  enabled: true
glance:
  enabled: true
`;
}
export const inventory = `domain: home.lan
hosts:
  docker-media:
    address: 127.0.0.11
    user: deployer
systems:
  traefik: { host: docker-media, directory: /etc/traefik/dynamic }
  dns: { provider: pihole, url: http://127.0.0.53 }
  authentik: { url: https://auth.home.lan, token: AUTHENTIK_TOKEN }
  glance: { host: docker-media, config: /srv/glance/glance.yml }
`;
