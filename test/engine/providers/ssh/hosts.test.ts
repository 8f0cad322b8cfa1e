import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import ssh2 from 'ssh2';
import { afterEach, beforeAll, afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Hosts, Log } from '../../../../engine/ports.ts';
import { type Problem, ProblemError } from '../../../../engine/problems.ts';
import { createHosts, type HostsOptions } from '../../../../engine/providers/ssh/hosts.ts';
import type { HostEntry } from '../../../../engine/types.ts';
import { createSimulatedWorld, type SimulatedWorld } from '../../../../lab/host/simulated-world.ts';

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};
/** How long a state may take to come about. */
const patience = { timeout: 10_000 };
const calm = new AbortController().signal;

let world: SimulatedWorld;
let hosts: Hosts;

const host = () => world.hosts[0]!;
const entry = (change: Partial<HostEntry> = {}): HostEntry => ({
  name: 'h1',
  address: host().address,
  port: host().port,
  user: host().user,
  key: 'default',
  hostKeys: [host().hostKey],
  installRoot: host().installRoot,
  docker: { command: 'docker', socket: '/var/run/docker.sock' },
  ...change,
});
const connectTo = (change: Partial<HostsOptions> = {}): Hosts =>
  createHosts({ keys: () => readFileSync(world.key.file), knownHosts: null, log: silent, ...change });

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProblemError);
  return (error as ProblemError).problem;
}
/** A length of sleep nobody else on this machine asks for. */
const mark = (n: number) => `3${n}00.${process.pid}`;
/** Processes on the host whose command line holds `mark`. */
async function processes(mark: string): Promise<number> {
  const { stdout } = await host().exec(
    `n=0; for f in /proc/[0-9]*/cmdline; do tr '\\0\\n' '  ' < "$f" 2>/dev/null | grep -q '^sleep ${mark}' && n=$((n+1)); done; echo $n`,
  );
  return Number(stdout);
}

const build = async (options: Parameters<typeof createSimulatedWorld>[0] = {}) => {
  world = await createSimulatedWorld(options);
  hosts = connectTo();
};
const tearDown = async () => {
  await hosts.close();
  await world.close();
};

describe('commands on a host', () => {
  beforeAll(() => build());
  afterAll(tearDown);
  const run = (script: string, ...args: readonly string[]) => hosts.get(entry()).run({ script, args }, calm);

  it('give output and exit code; a non-zero exit is a result', async () => {
    expect(await run('echo out; echo err >&2; exit 3')).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('that a signal ended have the exit code a shell would show', async () => {
    expect((await run('kill -9 $$')).exitCode).toBe(137);
  });

  it('receive their arguments exactly as they were given', async () => {
    const args = [
      '',
      ' ',
      'two words',
      "it's",
      '"quoted"',
      `'"'"'`,
      '$(touch /tmp/pwned)',
      '`id`',
      '$HOME ${PATH} $1 $$',
      'back\\slash\\',
      '\\n',
      'line one\nline two\n',
      '\ttab',
      'crlf\r\nend',
      '*',
      '?[a-z]',
      '~',
      '-n',
      '--',
      '--help',
      '; rm -rf /',
      '| cat & wait',
      '> /dev/null < x',
      '!history',
      '#comment',
      '%s %d %%',
      'ünïcödé ✓ 🚀 日本語',
      '\u200b\u00a0\u202e',
      'a'.repeat(20_000),
    ];
    const { stdout } = await run('printf "%s\\037" "$@"', ...args);
    expect(stdout.split('\u001f').slice(0, -1)).toEqual(args);
  });

  it('are refused when an argument cannot travel on a command line', async () => {
    for (const arg of ['a\0b', 'escape\u001b[0m', 'lone\rreturn', 'x'.repeat(200_000)]) {
      const problem = await problemOf(run('true', arg));
      expect(problem.message).toContain('standard input');
    }
  });

  it('read five megabytes of standard input to the last byte', async () => {
    const stdin = Buffer.alloc(5_000_000, 'sentinel ');
    const { stdout } = await hosts.get(entry()).run({ script: 'wc -c; ', stdin }, calm);
    expect(Number(stdout)).toBe(5_000_000);
  });

  it('that do not read their input still end by themselves', async () => {
    const stdin = Buffer.alloc(5_000_000, 'x');
    const { exitCode } = await hosts.get(entry()).run({ script: 'exit 7', stdin }, calm);
    expect(exitCode).toBe(7);
  });

  it('are stopped when they print more than is kept', async () => {
    const problem = await problemOf(run('yes'));
    expect(problem.code).toBe('command-failed');
    expect(problem.message).toContain('printed more');
  });

  it('share one connection and few channels, however many run at once', async () => {
    const { connections } = await host().traffic();
    const fresh = connectTo();
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        fresh.get(entry()).run({ script: 'echo "$1"', args: [String(n)] }, calm),
      ),
    );
    expect(results.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 30 }, (_, n) => n));
    const traffic = await host().traffic();
    expect(traffic.connections - connections).toBe(1);
    expect(traffic.channelsAtOnce).toBeLessThanOrEqual(8);
    await fresh.close();
  });

  it('run on the same host object for the same entry', () => {
    expect(hosts.get(entry())).toBe(hosts.get(entry()));
  });
});

describe('stopping a command', () => {
  beforeAll(() => build());
  afterAll(tearDown);

  it('ends the whole process tree on the host when its time is over', async () => {
    const work = hosts
      .get(entry())
      .run(
        { script: `echo before >&2; sleep ${mark(1)} & sh -c "sleep ${mark(1)}; true"`, timeoutMs: 500 },
        calm,
      );
    const problem = await problemOf(work);
    expect(problem.code).toBe('timed-out');
    expect(problem.message).toContain('0.5 s');
    expect(problem.message).toContain('was stopped');
    expect(problem.evidence?.[0]?.text).toContain('before');
    expect(await processes(mark(1))).toBe(0);
  });

  it('ends the whole process tree on the host when it is aborted', async () => {
    const abort = new AbortController();
    const work = problemOf(
      hosts.get(entry()).run({ script: `sleep ${mark(2)} & sleep ${mark(2)}` }, abort.signal),
    );
    await expect.poll(() => processes(mark(2)), patience).toBe(2);
    abort.abort();
    expect((await work).code).toBe('cancelled');
    expect(await processes(mark(2))).toBe(0);
  });

  it('kills what does not listen', async () => {
    const abort = new AbortController();
    const work = problemOf(
      hosts.get(entry()).run({ script: `trap '' TERM; while :; do sleep ${mark(3)}; done` }, abort.signal),
    );
    await expect.poll(() => processes(mark(3)), patience).toBe(1);
    abort.abort();
    expect((await work).code).toBe('cancelled');
    expect(await processes(mark(3))).toBe(0);
  });

  it('works while every channel is busy, and spares what still waited', async () => {
    const abort = new AbortController();
    const work = Array.from({ length: 12 }, () =>
      problemOf(hosts.get(entry()).run({ script: `sleep ${mark(4)}` }, abort.signal)),
    );
    await expect.poll(() => processes(mark(4)), patience).toBeGreaterThanOrEqual(6);
    abort.abort();
    const problems = await Promise.all(work);
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['cancelled']));
    expect(problems.filter(({ message }) => message.includes('before anything ran')).length).toBeGreaterThan(
      0,
    );
    expect(await processes(mark(4))).toBe(0);
    expect((await hosts.get(entry()).run({ script: 'echo alive' }, calm)).stdout).toBe('alive\n');
  });

  it('needs no host when it was asked before the start', async () => {
    const problem = await problemOf(
      hosts.get(entry({ address: '127.0.0.1', port: 1 })).run({ script: 'true' }, AbortSignal.abort()),
    );
    expect(problem.code).toBe('cancelled');
  });
});

describe('a connection', () => {
  beforeEach(() => build());
  afterEach(tearDown);

  it('is opened again after a loss', async () => {
    expect((await hosts.get(entry()).run({ script: 'echo one' }, calm)).stdout).toBe('one\n');
    await host().dropConnections();
    expect((await hosts.get(entry()).run({ script: 'echo two' }, calm)).stdout).toBe('two\n');
    expect((await host().traffic()).connections).toBe(2);
  });

  it('that is lost under a command says that it may have run', async () => {
    const work = problemOf(hosts.get(entry()).run({ script: `sleep ${mark(5)}` }, calm));
    await expect.poll(() => processes(mark(5)), patience).toBe(1);
    await host().dropConnections();
    const problem = await work;
    expect(problem.code).toBe('host-unreachable');
    expect(problem.message).toContain('may have run');
  });

  it('is made anew after a power cut', async () => {
    await hosts.get(entry()).run({ script: 'true' }, calm);
    await host().powerOff();
    expect((await problemOf(hosts.get(entry()).run({ script: 'true' }, calm))).code).toBe('host-unreachable');
    await host().powerOn();
    expect((await hosts.get(entry()).run({ script: 'echo back' }, calm)).stdout).toBe('back\n');
  });

  it('is closed when nobody needs it for a while', async () => {
    const brief = connectTo({ idleCloseMs: 10 });
    await brief.get(entry()).run({ script: 'true' }, calm);
    await expect
      .poll(async () => {
        await brief.get(entry()).run({ script: 'true' }, calm);
        return (await host().traffic()).connections;
      }, patience)
      .toBeGreaterThan(1);
    await brief.close();
  });

  it('is closed for good by close, which may be called again', async () => {
    await hosts.get(entry()).run({ script: 'true' }, calm);
    await hosts.close();
    await hosts.close();
  });
});

describe('a host that cannot be trusted or reached', () => {
  beforeAll(() => build({ hosts: 2 }));
  afterAll(tearDown);
  const attempt = (change: Partial<HostEntry>, options: Partial<HostsOptions> = {}) => {
    const own = connectTo({ connectTimeoutMs: 400, ...options });
    return problemOf(own.get(entry(change)).run({ script: 'true' }, calm)).finally(() => own.close());
  };

  it('shows a key that is not the one on record: both fingerprints are named', async () => {
    const problem = await attempt({ hostKeys: [world.hosts[1]!.hostKey] });
    expect(problem.code).toBe('host-key-changed');
    expect(problem.message.match(/SHA256:[A-Za-z0-9+/]{43}/g)).toHaveLength(2);
  });

  it('has no key of the type on record: the one it has is named all the same', async () => {
    const ecdsa = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
    const problem = await attempt({ hostKeys: [ecdsa.public] });
    expect(problem.code).toBe('host-key-changed');
    expect(problem.message).toMatch(
      /showed the key ssh-ed25519 SHA256:.* on record is ecdsa-sha2-nistp256 SHA256:/,
    );
  });

  it('is unknown: nothing is trusted on first use', async () => {
    const problem = await attempt({ hostKeys: [] });
    expect(problem.code).toBe('host-key-unknown');
    expect(problem.message).toMatch(/SHA256:/);
    expect(problem.hint).toContain('ssh-keyscan -p 2222');
  });

  it('is known from known_hosts alone', async () => {
    const knownHosts = `[${host().address}]:${host().port} ${host().hostKey}\n`;
    const own = connectTo({ knownHosts });
    const { stdout } = await own.get(entry({ hostKeys: [] })).run({ script: 'echo yes' }, calm);
    expect(stdout).toBe('yes\n');
    await own.close();
  });

  it('shows a key known_hosts has revoked, whatever else is on record', async () => {
    const knownHosts = `@revoked * ${host().hostKey}\n`;
    const problem = await attempt({}, { knownHosts });
    expect(problem.code).toBe('host-key-changed');
    expect(problem.message).toContain('revoked');
  });

  it('does not accept the key', async () => {
    const { private: key } = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
    const problem = await attempt({}, { keys: () => key });
    expect(problem.code).toBe('authentication-failed');
    expect(problem.message).toContain('"default"');
  });

  it('does not know the user', async () => {
    expect((await attempt({ user: 'nobody' })).code).toBe('authentication-failed');
  });

  it('is given a key that has a passphrase', async () => {
    const { private: key } = ssh2.utils.generateKeyPairSync('ecdsa', {
      bits: 256,
      passphrase: 'open sesame',
      cipher: 'aes256-cbc',
    });
    const locked = await attempt({}, { keys: () => key });
    expect(locked.message).toContain('cannot be used');
    // Readable, and then refused by the host, which does not know it.
    const open = await attempt({}, { keys: () => ({ key, passphrase: 'open sesame' }) });
    expect(open.message).toContain('did not accept');
  });

  it('gets no key that cannot be read', async () => {
    const problem = await attempt({}, { keys: () => 'not a key' });
    expect(problem.code).toBe('authentication-failed');
    expect(problem.message).toContain('cannot be used');
  });

  it('refuses the connection', async () => {
    const problem = await attempt({ port: 1 });
    expect(problem.code).toBe('host-unreachable');
    expect(problem.message).toContain('refused the connection');
  });

  it('accepts the connection and says nothing', async () => {
    const hole = createServer();
    await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve));
    const address = hole.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const problem = await attempt({ address: '127.0.0.1', port });
    expect(problem.code).toBe('host-unreachable');
    expect(problem.message).toContain('0.4 s');
    hole.close();
  });

  it('has a name nobody knows', async () => {
    const problem = await attempt({ address: 'no-such-host.invalid' });
    expect(problem.code).toBe('host-unreachable');
  });
});

describe('a user who is not root', () => {
  afterEach(tearDown);

  it('runs commands through sudo', async () => {
    await build({ account: 'sudo' });
    const { stdout } = await hosts.get(entry()).run({ script: 'echo "$1"', args: ["it's me"] }, calm);
    expect(stdout).toBe("it's me\n");
    expect((await host().traffic()).commands?.at(-1)).toMatch(/^sudo -n -- /);
  });

  it('is told when sudo wants a password', async () => {
    await build({ account: 'sudo-password' });
    const problem = await problemOf(hosts.get(entry()).run({ script: 'echo never' }, calm));
    expect(problem.code).toBe('sudo-refused');
    expect(problem.hint).toContain('NOPASSWD: /bin/sh, /usr/bin/sh`');
  });

  it('is told when there is no sudo', async () => {
    await build({ account: 'docker-group' });
    expect((await problemOf(hosts.get(entry()).run({ script: 'echo never' }, calm))).code).toBe(
      'sudo-refused',
    );
  });

  it('reaches the Docker API through dial-stdio, and keeps that stream', async () => {
    await build({ account: 'sudo' });
    const api = hosts.get(entry());
    for (let round = 0; round < 3; round += 1) {
      const { status, body } = await api.docker({ method: 'GET', path: '/containers/json?all=1' }, calm);
      expect(status).toBe(200);
      expect(JSON.parse(body.toString('utf8'))).toEqual([]);
    }
    const dialled = (await host().traffic()).commands?.filter((line) => line.includes('dial-stdio'));
    expect(dialled).toHaveLength(1);
  });

  it('reaches the Docker API without sudo when in the group docker', async () => {
    await build({ account: 'docker-group' });
    const { status } = await hosts.get(entry()).docker({ method: 'GET', path: '/containers/json' }, calm);
    expect(status).toBe(200);
  });

  it('hears of sudo when that is what keeps it from Docker', async () => {
    await build({ account: 'sudo-password' });
    const problem = await problemOf(hosts.get(entry()).docker({ method: 'GET', path: '/info' }, calm));
    expect(problem.code).toBe('sudo-refused');
  });
});

describe('the Docker API of a host', () => {
  beforeEach(() => build());
  afterEach(tearDown);
  const get = (path: string, signal = calm) => hosts.get(entry()).docker({ method: 'GET', path }, signal);

  it('answers over a stream of its own, without a command', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => get('/containers/json?all=1')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect((await host().traffic()).commands).toEqual([]);
  });

  it('gives a refusal as an answer', async () => {
    expect((await get('/containers/nothing/json')).status).toBe(404);
  });

  it('is missed in words while the daemon is down, and found again after', async () => {
    expect((await get('/containers/json')).status).toBe(200);
    await host().stopDocker();
    const problem = await problemOf(get('/containers/json'));
    expect(problem.code).toBe('docker-not-running');
    await host().startDocker();
    expect((await get('/containers/json')).status).toBe(200);
  });

  it('comes back after the connection was lost', async () => {
    expect((await get('/containers/json')).status).toBe(200);
    await host().dropConnections();
    expect((await get('/containers/json')).status).toBe(200);
  });

  it('is not asked when cancelled', async () => {
    expect((await problemOf(get('/containers/json', AbortSignal.abort()))).code).toBe('cancelled');
  });
});

describe('a host without Docker', () => {
  afterEach(tearDown);

  it('is told from one whose daemon is down', async () => {
    await build({ docker: 'absent', account: 'sudo' });
    const problem = await problemOf(hosts.get(entry()).docker({ method: 'GET', path: '/info' }, calm));
    expect(['docker-missing', 'docker-not-running']).toContain(problem.code);
  });
});
