import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { notCached } from '../../lab/real/offline-registry.ts';
import { realWorldAvailable } from '../../lab/real/world.ts';
import { eventually } from '../eventually.ts';
import { createBotsHost, lockedPackages, type BotsHost } from './bots-host.ts';

/** Why the image cannot be built and run here, or undefined. */
async function whyNot(): Promise<string | undefined> {
  const available = await realWorldAvailable();
  if (!available.ok) return available.reason;
  const [first, ...others] = await notCached(lockedPackages());
  if (first === undefined) return undefined;
  return `npm's cache on this machine lacks ${first} and ${others.length} more packages of the lock file; npm ci fills it`;
}

const reason = await whyNot();

describe.skipIf(reason !== undefined)(
  `the image, built and run by a real Docker Engine${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let host: BotsHost;
    let opened: BotsHost | null = null;
    beforeAll(async () => {
      host = opened = await createBotsHost();
      await host.run('docker compose up -d');
      const health = (): Promise<string> =>
        host.run(`docker inspect -f '{{.State.Health.Status}} {{.State.Running}}' sentinel`);
      const left = await eventually(
        async () => (await health()) !== 'starting true',
        'the health check',
        60_000,
      ).then(health);
      if (left !== 'healthy true') throw new Error(`${left}\n${await host.run('docker logs sentinel')}`);
    });
    afterAll(() => opened?.close());
    beforeEach(({ onTestFailed }) => {
      onTestFailed(async () => console.error(await host.run('docker logs --tail 40 sentinel 2>&1')));
    });
    const inside = (command: string): Promise<string> => host.run(`docker exec sentinel ${command}`);

    test('holds the product with all it loads later, and nothing to build with', async () => {
      expect(host.built).toContain('Successfully tagged sentinel:test');
      const files = (await inside('ls /app /app/node_modules /app/dist/bot/cli')).split('\n');
      for (const gone of ['lab', 'test', 'typescript', 'vite', 'vitest']) expect(files).not.toContain(gone);
      expect(files).toEqual(expect.arrayContaining(['open-doctor.js', 'prom-client', 'dejavu-fonts-ttf']));
      expect(await inside('sentinel --version')).toMatch(/^\d+\.\d+\.\d+$/);
      expect(await inside('sentinel doctor --help')).toContain('Usage: sentinel doctor');
    });

    test('draws a picture with letters in it', async () => {
      const sizes = await inside(`node --input-type=module -e '
        const { rasterise } = await import("/app/dist/bot/pictures/rasterise.js");
        const draw = (inner) => rasterise("<svg xmlns=\\"http://www.w3.org/2000/svg\\" width=\\"80\\" height=\\"30\\">" + inner + "</svg>");
        const [empty, written] = await Promise.all([draw(""), draw("<text y=\\"20\\">Web</text>")]);
        console.log(Buffer.from(written).toString("latin1", 1, 4), written.length > empty.length);'`);
      expect(sizes).toBe('PNG true');
    });

    test('is logged in, healthy, and answers /healthz and /metrics', async () => {
      expect(host.discord.botOnline()).toBe(true);
      const ask = (page: string): Promise<string> =>
        inside(
          `node -e "fetch(new URL('${page}', process.env.SENTINEL_HEALTH_URL)).then((answer) => answer.text()).then(console.log)"`,
        );
      expect(JSON.parse(await ask('/healthz'))).toMatchObject({ status: 'ok', gateway: { connected: true } });
      expect(await ask('/metrics')).toContain('# TYPE sentinel_');
    });

    test('runs as a user who may do nothing, on a file system that cannot be written', async () => {
      expect(await inside('id -u')).toBe('1000');
      expect(await inside('grep -E "^(CapEff|NoNewPrivs)" /proc/1/status')).toMatch(
        /CapEff:\s+0+\nNoNewPrivs:\s+1/,
      );
      for (const path of ['/app/dist/x', '/home/node/x', '/etc/sentinel/x', '/run/secrets/x'])
        expect((await host.attempt(`docker exec sentinel touch ${path}`)).text).toMatch(/Read-only|denied/);
      await inside('touch /tmp/x /state/x');
      await inside('rm /tmp/x /state/x');
    });

    test('reads the repository and asks the host over SSH from there', async () => {
      const ana = host.discord.user('ana', { roles: ['deployers'] });
      const reply = await (await ana.command('status', {})).reply({ within: 30_000 });
      const text = JSON.stringify(reply.embeds);
      expect(text).toContain('Web');
      expect(text).not.toMatch(/unreachable|did not answer|could not/i);
    });

    test('is backed up while it runs', async () => {
      expect(await inside('sentinel backup --to /state/copy.db')).toMatch(/^copied/);
      expect(await host.run(`stat -c '%a %u' state/copy.db state/sentinel.db`)).toBe('600 1000\n600 1000');
      await host.run('rm state/copy.db');
    });

    test('ends in order when it is told to, and its record stays in the volume', async () => {
      await host.run('docker compose stop');
      expect(await host.run(`docker inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}}' sentinel`)).toBe(
        '0 false',
      );
      expect(host.discord.botOnline()).toBe(false);
      expect(await host.run('ls state')).not.toContain('sentinel.db-wal'); // folded in, as after every good end
      const verified = await host.run(
        'docker compose run --rm -T bot sentinel audit verify --db /state/sentinel.db',
      );
      expect(verified).toContain('intact');
    });
  },
);
