import { execa } from 'execa';
import type { World, WorldHost } from '../world.ts';

/** As many at once as gave bare compose its best time on two cores. */
const PARALLEL = 4;

/** N projects by `docker compose up -d` on the host itself: the floor, without any SSH. */
export async function bareFresh(world: World, host: WorldHost, count: number): Promise<number> {
  await run(host, projectFiles(world, count));
  return timed(() => run(host, upAll(count)));
}

export function bareUnchanged(host: WorldHost, count: number): Promise<number> {
  return timed(() => run(host, upAll(count)));
}

/** What hand-written pipelines do: a new connection for every step of every service, one after the other. */
export async function perStepFresh(world: World, host: WorldHost, count: number): Promise<number> {
  const known = `${host.address} ${host.hostKey}\n[${host.address}]:${host.port} ${host.hostKey}\n`;
  const ssh = (command: string, input?: string): Promise<unknown> =>
    execa(
      'ssh',
      [...sshOptions(world, host), `${host.user}@${host.address}`, command],
      input === undefined ? {} : { input },
    );
  await execa('sh', ['-c', 'cat > "$1"', 'sh', `${world.key.file}.known`], { input: known });
  return timed(async () => {
    for (let i = 1; i <= count; i += 1) {
      await ssh(`mkdir -p ${directory(i)}`);
      await ssh(`cat > ${directory(i)}/docker-compose.yml`, compose(world, i));
      await ssh(`touch ${directory(i)}/.env && chmod 600 ${directory(i)}/.env`);
      await ssh(`cd ${directory(i)} && docker compose pull -q`);
      await ssh(`cd ${directory(i)} && docker compose up -d`);
      await ssh(`cd ${directory(i)} && docker compose ps`);
    }
  });
}

export async function warmImages(world: World, host: WorldHost): Promise<void> {
  await run(host, `docker pull -q ${world.registry.image('web:1')}`);
}

/** Everything a round left behind; `sync` so that it is not paid for by the next one. */
export async function clearHost(host: WorldHost): Promise<void> {
  await run(
    host,
    `ids=$(docker ps -aq); [ -z "$ids" ] || docker rm -f $ids >/dev/null; docker network prune -f >/dev/null; rm -rf ${host.installRoot}/bench-* ${host.installRoot}/bare-*; sync`,
  );
}

function sshOptions({ key }: World, { port }: WorldHost): readonly string[] {
  return [
    '-i',
    key.file,
    '-p',
    String(port),
    '-o',
    'BatchMode=yes',
    '-o',
    `UserKnownHostsFile=${key.file}.known`,
    '-o',
    'LogLevel=ERROR',
  ];
}

function projectFiles(world: World, count: number): string {
  const one = (i: number): string =>
    `mkdir -p ${directory(i)}; cat > ${directory(i)}/docker-compose.yml <<'EOF'\n${compose(world, i)}EOF\n`;
  return Array.from({ length: count }, (_, index) => one(index + 1)).join('');
}

function upAll(count: number): string {
  return `seq ${count} | xargs -P ${PARALLEL} -I{} docker compose -p bare-{} -f /opt/bare-{}/docker-compose.yml --project-directory /opt/bare-{} up -d --quiet-pull >/dev/null 2>&1`;
}

const directory = (i: number): string => `/opt/bare-${i}`;

function compose(world: World, i: number): string {
  return `services:\n  bare-${i}:\n    image: ${world.registry.image('web:1')}\n    restart: unless-stopped\n    ports: ["${21_000 + i}:80"]\n`;
}

async function run(host: WorldHost, shell: string): Promise<void> {
  const { exitCode, stderr } = await host.exec(shell);
  if (exitCode !== 0) throw new Error(`on ${host.name}: ${stderr}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
