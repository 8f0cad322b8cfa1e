import { generateKeyPairSync } from 'node:crypto';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World, WorldHost } from '../../../lab/world.ts';
import { type Connection, connectTo, eventually, finish } from './ssh-client.ts';

const service = (image: string, rest = '') =>
  `services:\n  web:\n    image: ${image}\n    init: true\n    stop_grace_period: 1s\n${rest}`;

/** What every scenario may rely on, whichever world it plays in. */
export function describeWorld(create: () => Promise<World>): void {
  let world: World;
  let host: WorldHost;
  let connection: Connection;
  beforeAll(async () => {
    world = await create();
    host = world.hosts[0]!;
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    connection = await connectTo(world, host);
  });
  afterEach(() => connection.end());

  const directory = (name: string) => `${host.installRoot}/${name}`;
  const compose = (name: string, rest: string) =>
    connection.run(
      `cd ${directory(name)} && docker compose -p ${name} -f docker-compose.yml --ansi never ${rest}`,
    );
  const deploy = async (name: string, file: string) => {
    await connection.run(`mkdir -p ${directory(name)} && cat > ${directory(name)}/docker-compose.yml`, file);
    return compose(name, 'up -d');
  };
  const stateOf = async (project: string) => {
    const found = (await host.containers()).find((one) => one.project === project);
    return found && { state: found.state, health: found.health, image: found.image };
  };
  const page = (port: number) => fetch(`http://${host.address}:${port}/`).then((answer) => answer.text());

  describe('SSH', () => {
    it('runs a command and gives back both streams and the exit code', async () => {
      expect(await connection.run('cat; echo oops >&2; exit 7', 'hello')).toMatchObject({
        exitCode: 7,
        stdout: 'hello',
        stderr: 'oops\n',
      });
    });

    it('passes large input and output whole', async () => {
      const { stdout } = await connection.run('cat', 'x'.repeat(3_000_000));
      expect(stdout.length).toBe(3_000_000);
    });

    it('tells the signal that ended a program', async () => {
      expect(await connection.run('kill -TERM $$')).toMatchObject({ signal: 'SIGTERM' });
    });

    it('shows the host key the world says', async () => {
      const other = await connectTo(world, host, {
        hostVerifier: (key: Buffer) => `ssh-ed25519 ${key.toString('base64')}` === host.hostKey,
      });
      other.end();
    });

    it('refuses a key it does not know, and any password', async () => {
      const { privateKey } = generateKeyPairSync('ec', {
        namedCurve: 'P-256',
        privateKeyEncoding: { type: 'sec1', format: 'pem' },
        publicKeyEncoding: { type: 'spki', format: 'pem' },
      });
      await expect(connectTo(world, host, { privateKey })).rejects.toThrow(
        /All configured authentication methods failed/,
      );
      await expect(connectTo(world, host, { username: 'nobody-here' })).rejects.toThrow(
        /All configured authentication methods failed/,
      );
      const passwordOnly = new ssh2.Client();
      const refused = new Promise<Error>((resolve) => passwordOnly.once('error', resolve));
      passwordOnly.connect({ host: host.address, port: host.port, username: host.user, password: 'secret' });
      expect((await refused).message).toMatch(/All configured authentication methods failed/);
    });

    it('allows ten sessions on a connection and refuses the eleventh', async () => {
      const channels = [];
      for (let count = 0; count < 10; count += 1) channels.push(await connection.open('cat'));
      await expect(connection.open('true')).rejects.toThrow(/open failed/);
      await Promise.all(channels.map((channel) => finish(channel)));
      // sshd counts a session until it has seen its program end, which may be a moment after it told us.
      const runs = (): Promise<boolean> =>
        connection.run('true').then(
          ({ exitCode }) => exitCode === 0,
          () => false,
        );
      expect(await eventually(runs, 'a free session')).toBe(true);
    });

    it('does not count forwarded streams as sessions', async () => {
      const channels = [];
      for (let count = 0; count < 10; count += 1) channels.push(await connection.open('cat'));
      expect((await connection.api('GET', '/_ping')).body.toString()).toBe('OK');
      await Promise.all(channels.map((channel) => finish(channel)));
    });

    it('does not pass signals to programs of root, because sshd does not', async () => {
      const channel = await connection.open('echo started; read line; echo "$line"');
      await new Promise((resolve) => channel.once('data', resolve));
      channel.signal('TERM');
      expect(await finish(channel, 'still here\n')).toMatchObject({ exitCode: 0, stdout: 'still here\n' });
    });

    it('lets a program go on when the connection is lost', async () => {
      const mark = directory('survivor');
      const other = await connectTo(world, host);
      const channel = await other.open(
        `echo up; while [ ! -e ${mark}.go ]; do sleep 0.05; done; touch ${mark}.done`,
      );
      await new Promise((resolve) => channel.once('data', resolve));
      await host.dropConnections();
      await other.closed;
      await host.exec(`touch ${mark}.go`);
      await eventually(
        async () => (await host.readFile(`${mark}.done`)) !== undefined,
        'the program finished',
      );
      connection = await connectTo(world, host);
    });

    it('forwards to ports of the host', async () => {
      await deploy('forwarded', service(world.registry.image('web:1'), '    ports: ["8070:80"]\n'));
      const body = await new Promise<string>((resolve, reject) => {
        connection.client.forwardOut('127.0.0.1', 0, host.address, 8070, (error, channel) => {
          if (error) {
            reject(error);
            return;
          }
          let text = '';
          channel.on('data', (chunk: Buffer) => (text += chunk.toString()));
          channel.on('end', () => channel.end()).on('close', () => resolve(text));
          channel.write('GET / HTTP/1.0\r\n\r\n');
        });
      });
      expect(body).toContain('web 1');
      await compose('forwarded', 'down');
    });

    it('speaks the Engine API on standard streams as well', async () => {
      const { stdout } = await connection.run(
        'docker system dial-stdio',
        'GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n',
      );
      expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nOK/);
    });

    it('counts what clients did', async () => {
      const before = await host.traffic();
      const other = await connectTo(world, host);
      await other.run('true');
      await Promise.all([other.run('sleep 0.2'), other.run('sleep 0.2'), other.run('sleep 0.2')]);
      other.end();
      await eventually(
        async () => (await host.traffic()).connections === before.connections + 1,
        'one more connection',
      );
      const after = await host.traffic();
      expect(after.channels! - before.channels!).toBe(4);
      expect(after.channelsAtOnce).toBeGreaterThanOrEqual(3);
    });
  });

  describe('containers', () => {
    it('answer on the port they publish, with the page of their image', async () => {
      expect(
        (await deploy('page', service(world.registry.image('web:1'), '    ports: ["8060:80"]\n'))).exitCode,
      ).toBe(0);
      await eventually(async () => (await page(8060)) === 'web 1\n', 'web 1 answers');
      await deploy('page', service(world.registry.image('web:2'), '    ports: ["8060:80"]\n'));
      await eventually(async () => (await page(8060).catch(() => '')) === 'web 2\n', 'web 2 answers');
      await compose('page', 'down');
      await expect(page(8060)).rejects.toThrow();
    });

    it('become healthy or unhealthy as their images say', async () => {
      await deploy('well', service(world.registry.image('well:1')));
      await deploy('sick', service(world.registry.image('sick:1')));
      await eventually(async () => (await stateOf('well'))?.health === 'healthy', 'well is healthy');
      await eventually(async () => (await stateOf('sick'))?.health === 'unhealthy', 'sick is unhealthy');
      await compose('well', 'down');
      await compose('sick', 'down');
    });

    it('that end are restarted by their policy and counted', async () => {
      await deploy('crash', service(world.registry.image('crash:1'), '    restart: always\n'));
      await eventually(
        async () =>
          (await host.containers()).some(({ project, restarts }) => project === 'crash' && restarts >= 2),
        'two restarts',
      );
      await compose('crash', 'down');
    });

    it('that need a moment answer after it', async () => {
      await deploy('slow', service(world.registry.image('slow:1'), '    ports: ["8061:80"]\n'));
      await expect(page(8061)).rejects.toThrow();
      await eventually(async () => (await page(8061).catch(() => '')) === 'slow\n', 'slow answers');
      await compose('slow', 'down');
    });

    it('print the environment they were given', async () => {
      await deploy(
        'teller',
        service(world.registry.image('teller:1'), '    environment: {CANARY: "a$$b \'c\'"}\n'),
      );
      await eventually(
        async () => (await compose('teller', 'logs --no-log-prefix')).stdout.includes("CANARY=a$b 'c'\n"),
        'the log has the variable',
      );
      const { body } = await connection.api('GET', '/containers/teller-web-1/logs?stdout=1&stderr=1');
      expect(body[0]).toBe(1);
      expect(body.readUInt32BE(4)).toBeGreaterThan(0);
      await compose('teller', 'down');
    });

    it('take their values from the file beside the compose file', async () => {
      await connection.run(
        `mkdir -p ${directory('dotenv')} && cat > ${directory('dotenv')}/.env`,
        'SECRET=\'p$ss "word" #1\'\nPLAIN=x # note\n',
      );
      await deploy(
        'dotenv',
        service(world.registry.image('teller:1'), '    environment: ["A=${SECRET}", "B=${PLAIN}"]\n'),
      );
      await eventually(
        async () => (await compose('dotenv', 'logs --no-log-prefix')).stdout.includes('A=p$ss "word" #1\n'),
        'the value arrived',
      );
      expect((await compose('dotenv', 'logs --no-log-prefix')).stdout).toContain('B=x\n');
      await compose('dotenv', 'down');
    });
  });

  describe('the registry', () => {
    it('takes new images, and a tag that moves is seen', async () => {
      const first = await world.registry.publish('own-app:1', { page: 'one' });
      const asked = async () => {
        const { body } = await connection.api('GET', `/distribution/${first.image}/json`);
        return (JSON.parse(body.toString()) as { Descriptor: { digest: string } }).Descriptor.digest;
      };
      expect(await asked()).toBe(first.digest);
      const second = await world.registry.publish('own-app:1', { page: 'two' });
      expect(second.digest).not.toBe(first.digest);
      expect(await asked()).toBe(second.digest);
    });

    it('serves old images by digest after their tag moved', async () => {
      const first = await world.registry.publish('own-kept:1', { page: 'kept' });
      await world.registry.publish('own-kept:1', { page: 'moved' });
      const repository = first.image.replace(/:1$/, '');
      expect((await connection.run(`docker pull -q ${repository}@${first.digest}`)).exitCode).toBe(0);
      await deploy('bydigest', service(`${repository}@${first.digest}`, '    ports: ["8062:80"]\n'));
      await eventually(async () => (await page(8062).catch(() => '')) === 'kept\n', 'the old page');
      await compose('bydigest', 'down');
    });

    it('runs an image by its local id when nobody has it any more', async () => {
      const { image } = await world.registry.publish('own-gone:1', { page: 'local' });
      await connection.run(`docker pull -q ${image}`);
      const id = (await connection.run(`docker image inspect --format '{{.Id}}' ${image}`)).stdout.trim();
      await world.registry.remove('own-gone:1');
      expect((await connection.run(`docker pull -q ${image}`)).stderr).toMatch(/manifest unknown/);
      expect((await connection.run(`docker tag ${id} own-back:1`)).exitCode).toBe(0);
      await deploy('byid', service('own-back:1', '    ports: ["8063:80"]\n'));
      await eventually(async () => (await page(8063).catch(() => '')) === 'local\n', 'the page');
      await compose('byid', 'down');
    });

    it('can be gone for a while', async () => {
      await world.registry.goDown();
      expect((await connection.run(`docker pull ${world.registry.image('web:2')}`)).stderr).toMatch(
        /connect: connection refused/,
      );
      expect(
        (await connection.api('GET', `/distribution/${world.registry.image('web:2')}/json`)).status,
      ).toBe(500);
      await world.registry.comeBack();
      expect((await connection.run(`docker pull -q ${world.registry.image('web:2')}`)).exitCode).toBe(0);
    });

    it('moves one tag to another image', async () => {
      await world.registry.publish('own-tag:1', { page: 'first' });
      const { digest } = await world.registry.publish('own-tag:2', { page: 'second' });
      await world.registry.moveTag('own-tag:1', 'own-tag:2');
      const { body } = await connection.api('GET', `/distribution/${world.registry.image('own-tag:1')}/json`);
      expect(body.toString()).toContain(digest);
    });
  });

  describe('misfortune', () => {
    it('a host without power is gone, and comes back with its disk and what should run', async () => {
      await deploy(
        'stays',
        service(world.registry.image('web:1'), '    restart: unless-stopped\n    ports: ["8064:80"]\n'),
      );
      await deploy('ends', service(world.registry.image('web:1')));
      await host.powerOff();
      await connection.closed;
      await expect(connectTo(world, host, { readyTimeout: 500, timeout: 500 })).rejects.toThrow();
      await host.powerOn();
      connection = await connectTo(world, host);
      expect(await host.readFile(`${directory('stays')}/docker-compose.yml`)).toContain('web:1');
      await eventually(async () => (await stateOf('stays'))?.state === 'running', 'restarted');
      await eventually(async () => (await page(8064).catch(() => '')) === 'web 1\n', 'answers again');
      expect((await stateOf('ends'))?.state).toBe('exited');
      await compose('stays', 'down');
      await compose('ends', 'down');
    });

    it('another host key is shown and taken back', async () => {
      const before = host.hostKey;
      await host.swapHostKey();
      expect(host.hostKey).not.toBe(before);
      const seen: string[] = [];
      const hostVerifier = (key: Buffer) => seen.push(`ssh-ed25519 ${key.toString('base64')}`) > 0;
      (await connectTo(world, host, { hostVerifier })).end();
      expect((await connection.run('true')).exitCode).toBe(0);
      expect(seen).toEqual([host.hostKey]);
      await host.restoreHostKey();
      expect(host.hostKey).toBe(before);
      (await connectTo(world, host, { hostVerifier })).end();
      expect(seen.at(-1)).toBe(before);
    });

    it('a full disk takes neither files nor images nor containers', async () => {
      await deploy('full', service(world.registry.image('web:1')));
      const fresh = await world.registry.publish('own-large:1', { page: 'large' });
      await host.fillDisk();
      const file = `${directory('full')}/new.txt`;
      const written = await connection.run(`cat > ${file}`, 'x'.repeat(10_000));
      expect(written.exitCode).not.toBe(0);
      expect(written.stderr).toMatch(/No space left on device/);
      const unpacked = await connection.run(`head -c 20000 /dev/zero | tee ${file} >/dev/null`);
      expect(unpacked.stderr).toMatch(/No space left on device/);
      expect((await connection.run(`docker pull ${fresh.image}`)).stderr).toMatch(/no space left on device/);
      expect((await compose('full', 'up -d --force-recreate')).stderr).toMatch(/no space left on device/);
      expect((await stateOf('full'))?.state).toBe('running');
      await host.freeDisk();
      expect((await connection.run(`cat > ${file}`, 'x'.repeat(10_000))).exitCode).toBe(0);
      expect((await connection.run(`docker pull -q ${fresh.image}`)).exitCode).toBe(0);
      await compose('full', 'down');
    });

    it('without the Docker daemon SSH goes on, and the socket refuses', async () => {
      await deploy('daemon', service(world.registry.image('web:1'), '    restart: always\n'));
      await host.stopDocker();
      expect((await connection.run('docker ps')).stderr).toMatch(
        /Cannot connect to the Docker daemon at unix:\/\/\/var\/run\/docker\.sock/,
      );
      await expect(connection.api('GET', '/_ping')).rejects.toThrow(/open failed|connect failed/);
      await host.startDocker();
      expect((await connection.api('GET', '/_ping')).status).toBe(200);
      await eventually(async () => (await stateOf('daemon'))?.state === 'running', 'restarted');
      await compose('daemon', 'down');
    });
  });
}
