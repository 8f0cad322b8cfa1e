import { describe, expect, it } from 'vitest';
import type { ProblemCode } from '../../engine/problems.ts';
import { classifyCommandFailure, lastLines } from '../../engine/remote-errors.ts';

/** What programs print, and words that must be in the sentence. Engine 20.10 and Compose 2.26 unless said otherwise. */
interface Case {
  readonly title: string;
  readonly code: ProblemCode;
  readonly says: readonly string[];
  readonly stderr: string;
  readonly exitCode?: number;
  readonly command?: string;
}
const up = 'docker compose up';
const cases: readonly Case[] = [
  // images
  {
    title: 'a tag the registry does not have',
    code: 'image-not-found',
    says: ['registry.lab:5000/web:9', 'h1'],
    exitCode: 18,
    stderr: ` web Pulling \n web Error manifest for registry.lab:5000/web:9 not found: manifest unknown: manifest unknown\nError response from daemon: manifest for registry.lab:5000/web:9 not found: manifest unknown: manifest unknown\n`,
  },
  {
    title: 'a tag the registry does not have, Engine 29',
    code: 'image-not-found',
    says: ['runzhliu/deepseek-harness:0.1.6'],
    exitCode: 1,
    stderr: `Error response from daemon: failed to resolve reference "docker.io/runzhliu/deepseek-harness:0.1.6": docker.io/runzhliu/deepseek-harness:0.1.6: not found`,
  },
  {
    title: 'a private or missing repository',
    code: 'image-not-found',
    says: ['grafanna/grafana', 'login'],
    stderr: `Error response from daemon: pull access denied for grafanna/grafana, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
  },
  {
    title: 'a private or missing repository, Engine 29',
    code: 'image-not-found',
    says: ['grafanna/grafana:1', 'login'],
    stderr: `Error response from daemon: failed to resolve reference "docker.io/grafanna/grafana:1": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
  },
  {
    title: 'a name with capitals',
    code: 'image-not-found',
    says: ['UPPER/Case:1', 'not a valid image name'],
    exitCode: 1,
    stderr: `unable to get image 'UPPER/Case:1': Error response from daemon: no such image: UPPER/Case:1: invalid reference format: repository name must be lowercase`,
  },
  {
    title: 'no build for this processor',
    code: 'image-not-found',
    says: ['processor', 'linux/arm/v7'],
    stderr: `Error response from daemon: no matching manifest for linux/arm/v7 in the manifest list entries`,
  },
  // registries
  {
    title: 'a name server that does not answer',
    code: 'registry-unreachable',
    says: ['registry-1.docker.io', 'could not be looked up'],
    exitCode: 18,
    stderr: ` web Pulling \n web Error Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 127.0.0.1:53: read udp 127.0.0.1:39686->127.0.0.1:53: read: connection refused\nError response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 127.0.0.1:53: read udp 127.0.0.1:39686->127.0.0.1:53: read: connection refused\n`,
  },
  {
    title: 'a registry that is down',
    code: 'registry-unreachable',
    says: ['10.213.77.2:5999', 'refused the connection'],
    exitCode: 18,
    stderr: `Error response from daemon: Get "https://10.213.77.2:5999/v2/": dial tcp 10.213.77.2:5999: connect: connection refused\n`,
  },
  {
    title: 'a registry that is down, Engine 29',
    code: 'registry-unreachable',
    says: ['registry.lab:5000', 'refused the connection'],
    stderr: `Error response from daemon: failed to resolve reference "registry.lab:5000/web:1": failed to do request: Head "https://registry.lab:5000/v2/web/manifests/1": dial tcp 10.0.0.2:5000: connect: connection refused`,
  },
  {
    title: 'a registry that is not one',
    code: 'registry-unreachable',
    says: ['10.213.77.11:22', 'TLS'],
    exitCode: 18,
    stderr: `Error response from daemon: Get "https://10.213.77.11:22/v2/": tls: first record does not look like a TLS handshake\n`,
  },
  {
    title: 'a registry that answers too late',
    code: 'registry-unreachable',
    says: ['registry-1.docker.io', 'in time'],
    stderr: `Error response from daemon: Get "https://registry-1.docker.io/v2/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
  },
  {
    title: 'a pull limit',
    code: 'registry-unreachable',
    says: ['no more pulls'],
    stderr: `Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit`,
  },
  // ports
  {
    title: 'a port another container has',
    code: 'port-taken',
    says: ['Port 8080', 'h1'],
    exitCode: 1,
    stderr: ` Container port2-web-1  Starting\nError response from daemon: driver failed programming external connectivity on endpoint port2-web-1 (d035cb8504025b7880d9fe191422b721398bdb21e0f70c079f446366cb68354d): Bind for 0.0.0.0:8080 failed: port is already allocated\n`,
  },
  {
    title: 'a port another program has',
    code: 'port-taken',
    says: ['Port 22'],
    exitCode: 1,
    stderr: `Error response from daemon: driver failed programming external connectivity on endpoint port3-web-1 (02019a11511c1b5e0025cddabcf0477bc259a010de5249ffb9678c340fa68e67): Error starting userland proxy: listen tcp4 0.0.0.0:22: bind: address already in use\n`,
  },
  {
    title: 'a port another program has, Engine 28',
    code: 'port-taken',
    says: ['Port 8000'],
    stderr: `Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint avatar-app-1 (f8a30e4fb223): failed to bind host port for 0.0.0.0:8000:172.31.0.2:80/tcp: address already in use`,
  },
  {
    title: 'a port of one address another program has, Engine 29',
    code: 'port-taken',
    says: ['Port 5432', '127.0.0.1'],
    stderr: `Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint db-1 (f8a3): failed to bind host port 127.0.0.1:5432/tcp: address already in use`,
  },
  {
    title: 'an IPv6 port another program has',
    code: 'port-taken',
    says: ['Port 53'],
    stderr: `Error response from daemon: failed to bind host port [::]:53/udp: address already in use`,
  },
  // the file
  ...(
    [
      ['broken YAML', 'yaml: line 1: did not find expected key', 'line 1'],
      [
        'an unknown key',
        'validating /opt/x/docker-compose.yml: services.web Additional property prots is not allowed',
        'prots',
      ],
      [
        'an unknown key, Compose 2.40',
        "validating /opt/x/compose.yml: services.web additional properties 'prots' not allowed",
        'prots',
      ],
      [
        'a volume nobody declares',
        'service "web" refers to undefined volume data: invalid compose project',
        'volume data',
      ],
      [
        'a network nobody declares',
        'service "web" refers to undefined network proxy: invalid compose project',
        'network proxy',
      ],
      [
        'a dependency that is not there',
        'service "web" depends on undefined service "db": invalid compose project',
        '"db"',
      ],
      ['a circle', 'dependency cycle detected: b -> web -> b', 'b -> web'],
      [
        'a missing env_file',
        'env file /opt/envf/missing.env not found: stat /opt/envf/missing.env: no such file or directory',
        'missing.env',
      ],
      [
        'a required variable',
        'error while interpolating services.web.image: required variable TAG is missing a value: tag needed',
        'TAG',
      ],
      ['an impossible port', 'Invalid hostPort: 99999', '99999'],
      [
        'a wrong type',
        'validating /opt/type/docker-compose.yml: services.web.image must be a string',
        'services.web.image',
      ],
      [
        'a key twice',
        'yaml: unmarshal errors:\n  line 1: mapping key "ports" already defined at line 1',
        '"ports"',
      ],
      ['nothing in it', 'empty compose file', 'empty'],
    ] as const
  ).map(([title, stderr, word]): Case => ({
    title: `a compose file with ${title}`,
    code: 'compose-invalid',
    says: [word],
    exitCode: 15,
    stderr: `${stderr}\n`,
    command: 'docker compose config',
  })),
  {
    title: 'no compose file',
    code: 'compose-invalid',
    says: ['/opt/zz/docker-compose.yml'],
    exitCode: 14,
    stderr: 'open /opt/zz/docker-compose.yml: no such file or directory\n',
  },
  {
    title: 'an external network that is missing',
    code: 'compose-invalid',
    says: ['external network proxy'],
    stderr: 'Error response from daemon: network proxy not found\n',
  },
  {
    title: 'an external network that is missing, Compose 2.40',
    code: 'compose-invalid',
    says: ['external network proxy'],
    stderr: 'network proxy declared as external, but could not be found\n',
  },
  {
    title: 'an address the host does not have',
    code: 'compose-invalid',
    says: ['10.9.9.9:80'],
    stderr: `Error response from daemon: driver failed programming external connectivity on endpoint ip-web-1 (10030a713def): Error starting userland proxy: listen tcp4 10.9.9.9:80: bind: cannot assign requested address\n`,
  },
  // Docker
  {
    title: 'a daemon that is down',
    code: 'docker-not-running',
    says: ['/var/run/docker.sock'],
    stderr:
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n',
  },
  {
    title: 'a daemon that is down, Engine 29',
    code: 'docker-not-running',
    says: ['/run/nothing.sock'],
    stderr:
      'failed to connect to the docker API at unix:///run/nothing.sock; check if the path is correct and if the daemon is running: dial unix /run/nothing.sock: connect: no such file or directory\n',
  },
  {
    title: 'dial-stdio without a daemon',
    code: 'docker-not-running',
    says: ['/run/none.sock'],
    command: 'docker system dial-stdio',
    stderr:
      'failed to open the raw stream connection: dial unix /run/none.sock: connect: no such file or directory\n',
  },
  {
    title: 'a user outside the group docker',
    code: 'docker-not-running',
    says: ['may not use'],
    stderr:
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/containers/json": dial unix /var/run/docker.sock: connect: permission denied\n',
  },
  {
    title: 'no docker, dash',
    code: 'docker-missing',
    says: ['no docker command'],
    exitCode: 127,
    stderr: 'sh: 1: docker: not found\n',
  },
  {
    title: 'no docker, bash',
    code: 'docker-missing',
    says: ['no docker command'],
    exitCode: 127,
    stderr: 'bash: line 1: docker: command not found\n',
  },
  {
    title: 'no docker at the configured place',
    code: 'docker-missing',
    says: ['no docker command'],
    exitCode: 127,
    stderr: 'sh: 1: exec: /opt/bin/docker: not found\n',
  },
  {
    title: 'no Compose plug-in',
    code: 'docker-missing',
    says: ['Compose plug-in'],
    stderr: "docker: 'compose' is not a docker command.\nSee 'docker --help'\n",
  },
  {
    title: 'no Compose plug-in, Engine 28',
    code: 'docker-missing',
    says: ['Compose plug-in'],
    stderr: "docker: unknown command: docker compose\n\nRun 'docker --help' for more information\n",
  },
  {
    title: 'no Compose plug-in, with flags',
    code: 'docker-missing',
    says: ['Compose plug-in'],
    exitCode: 125,
    stderr: `unknown shorthand flag: 'p' in -p\nSee 'docker --help'.\n\nUsage:  docker [OPTIONS] COMMAND\n\nRun 'docker COMMAND --help' for more information on a command.\n`,
  },
  {
    title: 'a client too old for Engine 29',
    code: 'docker-missing',
    says: ['1.41', '1.44', 'too old'],
    stderr:
      'Error response from daemon: client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version\n',
  },
  // the machine
  {
    title: 'a full disk, while unpacking',
    code: 'disk-full',
    says: ['no space left'],
    command: 'tar',
    exitCode: 2,
    stderr:
      'tar: big: Wrote only 4608 of 10240 bytes\ntar: Exiting with failure status due to previous errors\n',
  },
  {
    title: 'a full disk, while copying',
    code: 'disk-full',
    says: ['/opt/small/y'],
    command: 'cp',
    stderr: "cp: error writing '/opt/small/y': No space left on device\n",
  },
  {
    title: 'a full disk, while pulling',
    code: 'disk-full',
    says: ['no space left', '/usr/lib/jvm/java.base.jmod'],
    exitCode: 18,
    stderr:
      'failed to register layer: Error processing tar file(exit status 1): write /usr/lib/jvm/java.base.jmod: no space left on device\n',
  },
  {
    title: 'a quota',
    code: 'disk-full',
    says: ['no space left'],
    command: 'sh',
    stderr: 'cat: write error: Disk quota exceeded\n',
  },
  {
    title: 'sudo with a password',
    code: 'sudo-refused',
    says: ['h1', 'without a password'],
    command: 'sudo -n -- sh',
    exitCode: 1,
    stderr: 'sudo: a password is required\n',
  },
  {
    title: 'sudo-rs with a password',
    code: 'sudo-refused',
    says: ['h1'],
    command: 'sudo -n -- sh',
    exitCode: 1,
    stderr: 'sudo: interactive authentication is required\n',
  },
  {
    title: 'a user sudo does not know',
    code: 'sudo-refused',
    says: ['h1'],
    command: 'sudo -n -- sh',
    exitCode: 1,
    stderr: 'deploy is not in the sudoers file.\n',
  },
  {
    title: 'no sudo',
    code: 'sudo-refused',
    says: ['no sudo'],
    command: 'sudo -n -- sh',
    exitCode: 127,
    stderr: 'bash: line 1: sudo: command not found\n',
  },
  // containers
  {
    title: 'a container that ends at once',
    code: 'container-not-running',
    says: ['crash-web-1', 'exit code 3'],
    stderr: ' Container crash-web-1  Waiting\ncontainer crash-web-1 exited (3)\n',
  },
  {
    title: 'a container that stays unhealthy',
    code: 'health-failed',
    says: ['sick-web-1'],
    stderr: ' Container sick-web-1  Waiting\ncontainer sick-web-1 is unhealthy\n',
  },
  // known, without a code of their own
  {
    title: 'a container name that is taken',
    code: 'command-failed',
    says: ['same', '6150dc3f8b6a', 'already has the name'],
    stderr:
      'Error response from daemon: Conflict. The container name "/same" is already in use by container "6150dc3f8b6ab23026cfeea75701cb8530d21dbc4d3a55c8b0202229ea55d534". You have to remove (or rename) that container to be able to reuse that name.\n',
  },
  {
    title: 'no address range left',
    code: 'command-failed',
    says: ['no address range'],
    stderr:
      'failed to create network x_default: Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network\n',
  },
  {
    title: 'a read-only file system',
    code: 'command-failed',
    says: ['/opt/small/a', 'read-only'],
    command: 'sh',
    exitCode: 2,
    stderr: 'sh: 1: cannot create /opt/small/a: Read-only file system\n',
  },
  {
    title: 'a folder that may not be written',
    code: 'command-failed',
    says: ['/opt/x', 'permission denied'],
    command: 'mkdir',
    stderr: "mkdir: cannot create directory '/opt/x': Permission denied\n",
  },
  {
    title: 'anything else',
    code: 'command-failed',
    says: ['`docker compose up`', 'h1', 'exit code 1', '/dev/nope'],
    exitCode: 1,
    stderr: `Error response from daemon: error gathering device information while adding custom device "/dev/nope": no such file or directory\n`,
  },
];

describe('a failed command on a host', () => {
  it.each(cases)('is $code after $title', ({ code, says, stderr, exitCode = 1, command = up }) => {
    const problem = classifyCommandFailure({ host: 'h1', command, exitCode, stdout: '', stderr });
    expect(problem.code).toBe(code);
    for (const word of says) expect(problem.message).toContain(word);
    expect(problem.message).toMatch(/^[^\n]+\.$/);
    expect(problem.hint).toBeTruthy();
    expect(problem.where).toBe('h1');
    expect(problem.evidence?.[0]?.title).toBe(command);
    expect(stderr).toContain(problem.evidence?.[0]?.text.split('\n').at(-1));
  });

  it('is judged by its last words when it complained of two things', () => {
    const stderr =
      'Error response from daemon: manifest for x:9 not found: manifest unknown\nError response from daemon: Bind for 0.0.0.0:80 failed: port is already allocated\n';
    const problem = classifyCommandFailure({ host: 'h1', command: up, exitCode: 1, stdout: '', stderr });
    expect(problem.code).toBe('port-taken');
  });

  it('shows at most fifteen lines and none of the progress of layers', () => {
    const layers = ' bb1586e6f12c Extracting [=>   ]  32.77kB/1.069MB\n'.repeat(40);
    const stderr = `${layers}${'line\n'.repeat(30)}the end\n`;
    const problem = classifyCommandFailure({ host: 'h1', command: up, exitCode: 1, stdout: '', stderr });
    const shown = problem.evidence?.[0]?.text ?? '';
    expect(shown.split('\n')).toHaveLength(15);
    expect(shown).not.toContain('Extracting');
    expect(shown.endsWith('the end')).toBe(true);
  });

  it('shows what was printed on standard output when nothing else was', () => {
    const problem = classifyCommandFailure({
      host: 'h1',
      command: 'sh',
      exitCode: 9,
      stdout: 'only this\n',
      stderr: '',
    });
    expect(problem.message).toContain('only this');
  });

  it('has a sentence even when it said nothing at all', () => {
    const problem = classifyCommandFailure({
      host: 'h1',
      command: 'sh',
      exitCode: 9,
      stdout: '',
      stderr: '',
    });
    expect(problem.message).toBe('`sh` failed on h1 with exit code 9.');
    expect(problem.evidence).toBeUndefined();
  });
});

describe('lastLines', () => {
  it('keeps the end without trailing blanks', () => {
    expect(lastLines('a\nb  \nc\n\n', 2)).toBe('b\nc');
  });
});
