import { sudoersLine } from '../sudoers-line.ts';
import type { Rule } from './rule.ts';

export const sudoRefused: Rule = (text, { host, command }) => {
  if (
    !/^sudo(-rs)?: |is not in the sudoers file|not allowed to execute|sudo: (command )?not found/m.test(text)
  )
    return null;
  const missing = /sudo: (command )?not found/.test(text);
  return {
    code: 'sudo-refused',
    message: missing
      ? `${host} has no sudo, and the user Sentinel logs in as is not root.`
      : `sudo on ${host} refused to run \`${command}\` as root without a password.`,
    hint: `Give the user a line like \`${sudoersLine('deploy')}\` in /etc/sudoers.d/sentinel on ${host} (with \`visudo -f\`), or let Sentinel log in as root.`,
  };
};

export const dockerMissing: Rule = (text, { host, command, exitCode }) => {
  // A registry's `docker.io/name: not found` must not count, so the shell has to be heard.
  const shellSays = /^\S+: (line )?\d+: (exec: )?\S*docker\S*: (command )?not found/m.test(text);
  if (shellSays || (exitCode === 127 && /docker\S*: .*(not found|No such file)/.test(text)))
    return {
      code: 'docker-missing',
      message: `${host} has no docker command.`,
      hint: `Install Docker Engine and its Compose plug-in on ${host} (docs.docker.com/engine/install), or set docker.command of ${host} in sentinel.yml to where it is.`,
    };
  if (
    /'compose' is not a docker command|unknown command: docker compose/.test(text) ||
    composeFlagsUnknown(text, command)
  )
    return {
      code: 'docker-missing',
      message: `Docker on ${host} has no Compose plug-in.`,
      hint: `Install the package docker-compose-plugin on ${host}; the older docker-compose program is not enough.`,
    };
  const tooOld = /client version (\S+) is too old. Minimum supported API version is ([\d.]+)/.exec(text);
  if (tooOld === null) return null;
  return {
    code: 'docker-missing',
    message: `The docker command on ${host} (API ${tooOld[1] ?? '?'}) is too old for its daemon, which wants ${tooOld[2] ?? '?'} or newer.`,
    hint: `Bring Docker's client and Compose plug-in on ${host} up to date.`,
  };
};

/** Without the plug-in, docker takes Compose's flags for its own. */
function composeFlagsUnknown(text: string, command: string): boolean {
  return /\bcompose\b/.test(command) && /unknown (shorthand )?flag: .*\n?[^]*docker --help/.test(text);
}

export const dockerNotRunning: Rule = (text, { host }) => {
  if (/permission denied while trying to connect to the (Docker daemon socket|docker API)/i.test(text))
    return {
      code: 'docker-not-running',
      message: `The user on ${host} may not use the Docker daemon's socket.`,
      hint: `Log in as root, allow sudo without a password, or add the user to the group docker on ${host}.`,
    };
  const cannot =
    /(?:Cannot connect to the Docker daemon at|failed to connect to the docker API at) ([^\s;]+?)(?:[.;]? |$)|failed to open the raw stream connection: dial unix (\S+):|dial unix (\S*docker\S*): connect: /i.exec(
      text,
    );
  if (cannot === null) return null;
  const socket = (cannot[1] ?? cannot[2] ?? cannot[3] ?? '').replace(/^unix:\/\//, '').replace(/\.$/, '');
  return {
    code: 'docker-not-running',
    message: `The Docker daemon on ${host} does not answer at ${socket}.`,
    hint: `On ${host}, look at \`systemctl status docker\` and \`journalctl -u docker\`; start it with \`systemctl start docker\`.`,
  };
};

export const diskFull: Rule = (text, { host, command }) => {
  const found =
    /(?:^|[\s'":])([^\s'":]*\/[^\s'":]+)'?: (?:[^:\n]*: )?(?:No space left on device|Disk quota exceeded)/i.exec(
      text,
    );
  if (
    found === null &&
    !/no space left on device|disk quota exceeded|: Wrote only \d+ of \d+ bytes/i.test(text)
  )
    return null;
  return {
    code: 'disk-full',
    message: `${host} has no space left${found?.[1] === undefined ? '' : ` (writing ${found[1]})`}: \`${command}\` failed.`,
    hint: `Look at \`df -h\` and \`df -i\` on ${host}; \`docker image prune -a\` removes images nothing uses.`,
  };
};

export const portTaken: Rule = (text, { host }) => {
  const found = ports.map((pattern) => pattern.exec(text)?.groups).find((groups) => groups !== undefined);
  const port = found?.['port'];
  if (port === undefined) return null;
  const address = found?.['address'] ?? '';
  const everywhere = ['', '0.0.0.0', '[::]', '::'].includes(address);
  return {
    code: 'port-taken',
    message: `Port ${port}${everywhere ? '' : ` of ${address}`} on ${host} is already used by something else.`,
    hint: `See who has it with \`ss -lntup 'sport = :${port}'\` and \`docker ps --filter publish=${port}\` on ${host}; stop that, or publish another port.`,
  };
};
const ports: readonly RegExp[] = [
  /Bind for (?<address>\S*):(?<port>\d+) failed: port is already allocated/,
  /listen (?:tcp|udp)[46]? (?<address>\S*):(?<port>\d+): bind: address already in use/,
  // Engine 28 and later; 28 names the container's side too
  /failed to bind host port (?:for )?(?<address>\[[^\]]*\]|[^\s:]*):(?<port>\d+)(?::[^\s/]+)?\/(?:tcp|udp|sctp): address already in use/,
  /exposing port (?:TCP|UDP) (?<address>\S*?):(?<port>\d+) /i,
];

export const nameTaken: Rule = (text, { host }) => {
  const found = /The container name "\/?([^"]+)" is already in use by container "([0-9a-f]{12})/.exec(text);
  if (found === null) return null;
  return {
    code: 'command-failed',
    message: `Another container on ${host} (${found[2] ?? ''}) already has the name ${found[1] ?? ''}.`,
    hint: `Remove or rename that container on ${host}, or take container_name out of the definition.`,
  };
};

export const noNetworksLeft: Rule = (text, { host }) => {
  if (!/all predefined address pools have been fully subnetted|non-overlapping IPv4 address pool/.test(text))
    return null;
  return {
    code: 'command-failed',
    message: `Docker on ${host} has no address range left for another network.`,
    hint: `Remove networks nothing uses (\`docker network prune\`), or add default-address-pools to /etc/docker/daemon.json on ${host}.`,
  };
};

export const notWritable: Rule = (text, { host }) => {
  const found =
    /(?:cannot create|cannot open|cannot touch|Cannot open|Cannot mkdir)(?: directory)?[ :]*'?([^\s':]+)?'?: (Read-only file system|Permission denied)/.exec(
      text,
    );
  if (found === null) return null;
  const readOnly = found[2] === 'Read-only file system';
  return {
    code: 'command-failed',
    message: `${found[1] ?? 'A file'} on ${host} cannot be written: ${readOnly ? 'the file system is read-only' : 'permission denied'}.`,
    hint: readOnly
      ? `Look at \`dmesg\` on ${host}: a disk error may have made it read-only.`
      : `Sentinel writes as root; look at the rights and attributes (\`lsattr\`) of the folder on ${host}.`,
  };
};
