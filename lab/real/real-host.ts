import { createConnection } from 'node:net';
import type { Traffic, WorldContainer, WorldHost } from '../world.ts';
import type { LabDescription, LabScript } from './lab-script.ts';

/** A host of the lab as a scenario sees it. */
export function createRealHost(script: LabScript, described: LabDescription['hosts'][number]): WorldHost {
  const { name, address, port, user } = described;
  let hostKey = described.host_key;
  const exec = (shell: string) => script.exec(name, shell);
  const must = async (shell: string): Promise<string> => {
    const result = await exec(shell);
    if (result.exitCode !== 0) throw new Error(`${name}: ${shell}: ${result.stderr.trim()}`);
    return result.stdout;
  };
  const run = async (shell: string): Promise<void> => {
    await must(shell);
  };
  const restartSshd = async (prepare: string) => {
    await run(
      `${prepare}; kill "$(cat /run/sshd.pid)"; while [ -e /run/sshd.pid ]; do sleep 0.02; done; /run/lab/start-sshd`,
    );
    await until(() => answers(address, port));
    hostKey = (await must('cut -d" " -f1,2 /run/lab/host_key.pub')).trim();
  };
  return {
    name,
    address,
    port,
    user,
    installRoot: '/opt',
    get hostKey() {
      return hostKey;
    },
    exec,
    containers: async () => parseContainers(await must(listAll)),
    async readFile(path) {
      const { exitCode, stdout } = await exec(`cat '${path.replaceAll("'", `'\\''`)}'`);
      return exitCode === 0 ? stdout : undefined;
    },
    powerOff: () => script.hostDown(name),
    powerOn: () => script.hostUp(name),
    swapHostKey: () => restartSshd(newKey),
    restoreHostKey: () => restartSshd(oldKey),
    fillDisk: () => run(fill),
    freeDisk: () => run('rm -f /srv/.fill-*'),
    stopDocker: () => run(stopDocker),
    startDocker: () => run(startDocker),
    dropConnections: () => run(dropConnections),
    traffic: async () => parseTraffic(await must('cat /run/lab/sshd.log')),
  };
}

// Asked again when one of them went away between the two questions.
const listAll =
  'for _ in 1 2 3; do ids=$(docker ps -aq --no-trunc) || exit 1; [ -n "$ids" ] || exit 0; ' +
  'all=$(docker inspect --format "{{json .}}" $ids) && { printf "%s\\n" "$all"; exit 0; }; done; exit 1';
const newKey =
  'cd /run/lab && mkdir -p own && { [ -e own/host_key ] || mv host_key host_key.pub own/; rm -f host_key host_key.pub; } && ' +
  'ssh-keygen -q -t ed25519 -N "" -f host_key';
const oldKey = 'cd /run/lab && [ ! -e own/host_key ] || mv own/host_key own/host_key.pub .';
// Ever smaller pieces, until not even a small file fits.
const fill =
  'n=0; for size in 512M 64M 8M 1M 64K 4K; do ' +
  'while fallocate -l $size /srv/.fill-$n 2>/dev/null; do n=$((n + 1)); done; n=$((n + 1)); done; sync; ' +
  '! mkdir /srv/.fill-directory 2>/dev/null';
const stopDocker =
  'pid=$(cat /run/docker.pid) && kill $pid && while kill -0 $pid 2>/dev/null; do sleep 0.05; done';
const startDocker =
  '/run/lab/start-docker; n=0; until docker version >/dev/null 2>&1; do n=$((n + 1)); [ $n -lt 300 ] || exit 1; sleep 0.05; done';
const dropConnections =
  'for pid in $(pgrep -x sshd); do [ $pid = "$(cat /run/sshd.pid)" ] || kill -KILL $pid || true; done';

interface Inspected {
  readonly Name: string;
  readonly RestartCount: number;
  readonly State: { readonly Status: string; readonly Health?: { readonly Status: string } };
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> | null };
}

/** One JSON object a line, as `docker inspect` gives them. */
function parseContainers(text: string): readonly WorldContainer[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { Name, RestartCount, State, Config } = JSON.parse(line) as Inspected;
      return {
        name: Name.replace(/^\//, ''),
        project: Config.Labels?.['com.docker.compose.project'] ?? '',
        service: Config.Labels?.['com.docker.compose.service'] ?? '',
        image: Config.Image,
        state: State.Status,
        health: State.Health?.Status ?? '',
        restarts: RestartCount,
      };
    });
}

/** sshd's log at level VERBOSE tells logins and sessions; a connection is known by the client's port. */
function parseTraffic(log: string): Traffic {
  const open = new Map<string, number>();
  let connections = 0;
  let channels = 0;
  let channelsAtOnce = 0;
  for (const line of log.split('\n')) {
    if (/^Accepted publickey for /.test(line)) connections += 1;
    const session = /^(Starting|Close) session: .*port (\d+)/.exec(line);
    if (!session) continue;
    const port = session[2] ?? '';
    const now = (open.get(port) ?? 0) + (session[1] === 'Starting' ? 1 : -1);
    open.set(port, now);
    if (session[1] === 'Starting') channels += 1;
    channelsAtOnce = Math.max(channelsAtOnce, now);
  }
  return { connections, channels, channelsAtOnce, commands: null };
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    const finish = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => finish(true)).once('error', () => finish(false));
  });
}

/** Asks again until the answer is yes, for ten seconds. */
export async function until(test: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await test())) {
    if (Date.now() > deadline) throw new Error('gave up waiting');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
