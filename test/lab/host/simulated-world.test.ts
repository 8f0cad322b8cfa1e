import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createSimulatedWorld,
  type SimulatedWorld,
  type SimulatedWorldOptions,
} from '../../../lab/host/simulated-world.ts';
import { connectTo, eventually, finish } from './ssh-client.ts';

describe('a simulated world', () => {
  let world: SimulatedWorld | undefined;
  afterEach(async () => {
    await world?.close();
    world = undefined;
  });
  const open = async (options: SimulatedWorldOptions = {}) => {
    const made = await createSimulatedWorld(options);
    world = made;
    return { world: made, host: made.hosts[0]!, connection: await connectTo(made, made.hosts[0]!) };
  };

  it('lets two hosts publish the same port', async () => {
    const { world } = await open({ names: ['media', 'edge'] });
    for (const [index, host] of world.hosts.entries()) {
      const connection = await connectTo(world, host);
      const file = `services: {web: {image: "registry.lab:5000/web:${index + 1}", ports: ["8080:80"]}}`;
      await connection.run(
        `cat > ${host.installRoot}/docker-compose.yml; docker compose -p p -f ${host.installRoot}/docker-compose.yml up -d`,
        file,
      );
      expect(await (await fetch(`http://${host.address}:8080/`)).text()).toBe(`web ${index + 1}\n`);
      connection.end();
    }
  });

  it('gives two worlds addresses of their own', async () => {
    const { world: first } = await open();
    const second = await createSimulatedWorld();
    expect(second.hosts[0]?.address).not.toBe(first.hosts[0]?.address);
    await second.close();
  });

  it('removes its files and frees its ports when it is closed', async () => {
    const { world: made, host, connection } = await open();
    connection.end();
    await made.close();
    world = undefined;
    expect(existsSync(dirname(made.key.file))).toBe(false);
    await expect(fetch(`http://${host.address}:${host.port}/`)).rejects.toMatchObject({
      cause: { code: 'ECONNREFUSED' },
    });
  });

  it('has every image of the well-known registries, answering on any path', async () => {
    const { host, connection } = await open();
    const file =
      'services: {g: {image: "grafana/grafana:11.2.0", ports: ["3000:3000"], healthcheck: {test: "curl -f http://localhost:3000/api/health", interval: 1s}}}';
    const { exitCode } = await connection.run(
      `cat > ${host.installRoot}/docker-compose.yml; docker compose -p g -f ${host.installRoot}/docker-compose.yml up -d --wait --wait-timeout 20`,
      file,
    );
    expect(exitCode).toBe(0);
    expect((await fetch(`http://${host.address}:3000/api/health`)).status).toBe(200);
    expect((await host.containers())[0]?.health).toBe('healthy');
  });

  it('takes images out of them, and gives them other behaviour', async () => {
    const { world, connection } = await open();
    await world.registry.remove('grafana/grafana:99');
    expect((await connection.run('docker pull grafana/grafana:99')).stderr).toMatch(
      /manifest for grafana\/grafana:99 not found: manifest unknown/,
    );
    await world.registry.publish('grafana/grafana:12', { exit: { code: 1, after: 0 } });
    expect((await connection.run('docker run -d grafana/grafana:12')).stderr).toMatch(
      /'run' is not a docker command/,
    );
    expect((await connection.run('docker pull -q grafana/grafana:12')).exitCode).toBe(0);
  });

  it('refuses the socket to a user who is neither root nor in the docker group', async () => {
    const { connection } = await open({ account: 'sudo' });
    expect((await connection.run('docker ps')).stderr).toMatch(
      /^permission denied while trying to connect to the Docker daemon socket/,
    );
    await expect(connection.api('GET', '/_ping')).rejects.toThrow(/open failed/);
    expect((await connection.run('sudo -n docker ps')).exitCode).toBe(0);
    expect((await connection.run('sudo -n sh -s', 'docker compose ls')).exitCode).toBe(0);
    const { stdout } = await connection.run(
      'sudo -n docker system dial-stdio',
      'GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n',
    );
    expect(stdout).toMatch(/OK$/);
  });

  it('has a sudo that asks for a password', async () => {
    const { connection } = await open({ account: 'sudo-password' });
    expect(await connection.run('sudo -n true')).toMatchObject({
      exitCode: 1,
      stderr: 'sudo: a password is required\n',
    });
  });

  it('has hosts without sudo whose user is in the docker group', async () => {
    const { connection } = await open({ account: 'docker-group' });
    expect((await connection.run('docker ps')).exitCode).toBe(0);
    expect((await connection.api('GET', '/_ping')).status).toBe(200);
    expect(await connection.run('sudo -n true')).toMatchObject({
      exitCode: 127,
      stderr: expect.stringMatching(/sudo: not found/) as string,
    });
  });

  it('passes signals to programs of users who are not root', async () => {
    const { connection } = await open({ account: 'sudo' });
    const channel = await connection.open('echo started; sleep 600');
    await new Promise((resolve) => channel.once('data', resolve));
    channel.signal('TERM');
    expect(await finish(channel)).toMatchObject({ signal: 'SIGTERM' });
  });

  it('has hosts without Docker', async () => {
    const { connection } = await open({ docker: 'absent' });
    expect(await connection.run('docker ps')).toMatchObject({
      exitCode: 127,
      stderr: expect.stringMatching(/docker: not found/) as string,
    });
    await expect(connection.api('GET', '/_ping')).rejects.toThrow(/open failed/);
  });

  it('has hosts without the Compose plug-in', async () => {
    const { connection } = await open({ docker: 'without-compose' });
    expect(await connection.run('docker compose version')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/docker: 'compose' is not a docker command/) as string,
    });
    expect((await connection.run('docker ps')).exitCode).toBe(0);
  });

  it('never reaches the Docker of this machine', async () => {
    const { connection } = await open({ docker: 'absent' });
    expect(
      (
        await connection.run(
          'command -v docker dockerd docker-compose podman sudo systemctl | grep -v /bin/sudo',
        )
      ).stdout,
    ).toBe('');
  });

  it('makes host directories that short bind mounts ask for, and no others', async () => {
    const { host, connection } = await open();
    const up = (volume: string) =>
      connection.run(
        `cd ${host.installRoot} && cat > docker-compose.yml; docker compose -p b up -d`,
        `services: {web: {image: "registry.lab:5000/web:1", volumes: [${volume}]}}`,
      );
    expect((await up('"./made:/a"')).exitCode).toBe(0);
    expect(existsSync(`${host.installRoot}/made`)).toBe(true);
    expect((await up('{type: bind, source: ./missing, target: /a}')).stderr).toMatch(
      /bind source path does not exist/,
    );
  });

  it('keeps its tale of what clients ran', async () => {
    const { host, connection } = await open();
    await connection.run('echo one');
    await connection.run('echo two');
    expect((await host.traffic()).commands).toEqual(['echo one', 'echo two']);
  });

  it('stops a compose command that is killed, and leaves what it had begun', async () => {
    const { host, connection } = await open({ account: 'docker-group' });
    const file =
      'services: {b: {image: "registry.lab:5000/web:1", healthcheck: {test: "true", interval: 1h}}, a: {image: "registry.lab:5000/web:1", depends_on: {b: {condition: service_healthy}}}}';
    await connection.run(`cat > ${host.installRoot}/docker-compose.yml`, file);
    const channel = await connection.open(`cd ${host.installRoot} && exec docker compose -p k up -d`);
    await eventually(
      async () =>
        (await host.containers()).some(({ service, state }) => service === 'b' && state === 'running'),
      'b runs',
    );
    channel.signal('TERM');
    expect((await finish(channel)).signal).toBe('SIGTERM');
    expect((await host.containers()).map(({ service, state }) => `${service} ${state}`).sort()).toEqual([
      'a created',
      'b running',
    ]);
  });
});
