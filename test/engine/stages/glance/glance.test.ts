import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { glance } from '../../../../engine/stages/glance/index.ts';
import type { Owned } from '../../../../engine/ports.ts';
import type { ScopedService, Service, StepOf } from '../../../../engine/index.ts';
import { absent, present } from '../support/play.ts';
import {
  createDashboard,
  type Dashboard,
  type DashboardOptions,
  shown,
  silentPlay,
  stageOf,
  undone,
} from './house.ts';
import { tutorial } from './dashboards.ts';

let house: Dashboard;
const houses = new Map<string, Promise<Dashboard>>();
afterAll(async () => {
  for (const one of houses.values()) await (await one).close();
});

/** The house for these wishes, with its configuration as it was at first. */
async function start(options: Partial<DashboardOptions> = {}): Promise<void> {
  const key = JSON.stringify(options);
  const wishes = { text: tutorial, ...options };
  const made = houses.get(key) ?? createDashboard(wishes);
  houses.set(key, made);
  house = await made;
  house.write(wishes.text);
  await house.play.host.exec('docker start glance');
}

const owning = (scoped: ScopedService, owned: Owned): ScopedService => ({ ...scoped, owned });
const oneOf = (steps: readonly StepOf<'glance'>[], target: string) => {
  const found = steps.find((step) => step.target === target);
  expect(found, `a step for ${target}`).toBeDefined();
  return found!;
};

describe('a service with a place on the dashboard', () => {
  test('is shown after its first deployment, and planning again finds nothing', async () => {
    await start();
    const steps = await house.deploy([present(shown('grafana'))]);
    expect(steps.map(({ target }) => target)).toEqual(["grafana's bookmark", "grafana's monitor entry"]);
    const page = await house.shows('https://grafana.home.lan');
    expect(page).toContain('Monitoring: <a href="https://grafana.home.lan">grafana</a>');
    expect(page).toContain('Services: <a href="https://grafana.home.lan">grafana</a>');
    const again = await house.survey([present(shown('grafana'))]);
    expect(again).toMatchObject({
      steps: [],
      risks: [],
      proofs: {
        grafana: ['the bookmark grafana is in Monitoring', 'the monitor entry grafana is in Services'],
      },
    });
    const { channels } = await house.play.host.traffic();
    await house.survey([present(shown('grafana'))]);
    expect((await house.play.host.traffic()).channels! - channels!).toBe(1);
  });

  test('is taken away with the same bytes left as before it came', async () => {
    await start();
    const steps = await house.deploy([present(shown('grafana', { group: 'New group' }))]);
    await house.shows('New group: ');
    await house.deploy([owning(absent(shown('grafana', { group: 'New group' })), steps)]);
    expect(await house.read()).toBe(tutorial);
  });

  test('keeps its place when its title changes, and gets its old lines back when that is undone', async () => {
    await start();
    await house.deploy([present(shown('grafana')), present(shown('n8n'))]);
    const before = await house.read();
    const renamed = present(shown('grafana', { title: 'Graphs', icon: 'si:grafana' }));
    const steps = await house.deploy([renamed]);
    const step = oneOf(steps, "grafana's bookmark");
    expect(step.changes).toEqual([
      { what: 'title', before: 'grafana', after: 'Graphs' },
      { what: 'icon', before: null, after: 'si:grafana' },
    ]);
    expect(step).toMatchObject({ before: { index: 1 }, after: { index: 1, title: 'Graphs' } });
    await house.shows('Graphs');
    const results = await house.ensure(steps.map(undone), [renamed]);
    expect(Object.values(results).every(({ ok }) => ok)).toBe(true);
    expect(await house.read()).toBe(before);
  });

  test('moves to another group, and a group made for it goes with the last entry', async () => {
    await start();
    await house.deploy([present(shown('grafana', { group: 'Ours', monitor: null }))]);
    const made = await house.read();
    const steps = await house.deploy([present(shown('grafana', { group: 'media', monitor: null }))]);
    expect(steps[0]?.changes).toEqual([{ what: 'group', before: 'Ours', after: 'Media' }]);
    expect(await house.read()).not.toContain('Ours');
    const results = await house.ensure(steps.map(undone), [present(shown('grafana'))]);
    expect(Object.values(results)).toMatchObject([{ ok: true }]);
    expect(await house.read()).toBe(made);
  });

  test('what a person changed in its lines comes back when the change is undone, byte for byte', async () => {
    await start();
    const first = await house.deploy([present(shown('grafana'))]);
    const edited = (await house.read()).replace(
      /^( *)(url: https:\/\/grafana.*)$/m,
      '$1$2   # by hand\n\n$1same-tab: true',
    );
    house.write(edited);
    const steps = await house.deploy([owning(present(shown('grafana')), first)]);
    expect(steps.map(({ changes }) => changes[0]?.what)).toEqual(['lines']);
    await house.ensure(steps.map(undone), [present(shown('grafana'))]);
    expect(await house.read()).toBe(edited);
    // And what was changed by hand is not removed unasked.
    const { steps: none, risks } = await house.survey([
      owning(absent(shown('grafana', { monitor: null })), first),
    ]);
    expect(none.map(({ target }) => target)).toEqual(["grafana's monitor entry"]);
    expect(risks).toMatchObject([{ code: 'conflict', service: 'grafana' }]);
  });

  test('loses its entries when the definition no longer wants them, but one without our mark stays', async () => {
    await start();
    const first = await house.deploy([present(shown('grafana'))]);
    house.write((await house.read()).replace(/ # sentinel:grafana$/m, ''));
    const unwanted = owning(present({ ...shown('grafana'), tile: null }), first);
    const { steps, risks } = await house.survey([unwanted]);
    expect(steps.map(({ target, after }) => ({ target, after }))).toEqual([
      { target: "grafana's monitor entry", after: null },
    ]);
    expect(risks).toMatchObject([{ code: 'conflict', service: 'grafana' }]);
    await house.ensure(steps, [unwanted]);
    expect((await house.read()).match(/grafana\.home\.lan/g)).toHaveLength(1);
  });

  test('gets its mark back where somebody took it off', async () => {
    await start();
    const first = await house.deploy([present(shown('grafana'))]);
    const text = await house.read();
    const plain = text.replaceAll(' # sentinel:grafana', '');
    house.write(plain);
    const again = owning(present(shown('grafana')), first);
    const steps = await house.deploy([again]);
    expect(await house.read()).toBe(text);
    await house.ensure(steps.map(undone), [again]);
    expect(await house.read()).toBe(plain);
  });
});

describe('somebody else on the dashboard', () => {
  test('an entry of that title is left alone and said to be in the way', async () => {
    await start();
    const jellyfin = present(shown('jellyfin', { title: 'jellyfin' }));
    const { steps, risks } = await house.survey([jellyfin, present(shown('grafana'))]);
    expect(steps.map(({ target }) => target)).toEqual([
      "jellyfin's bookmark",
      "grafana's bookmark",
      "grafana's monitor entry",
    ]);
    expect(risks).toMatchObject([{ code: 'conflict', service: 'jellyfin', alwaysApprove: false }]);
    const line = tutorial.split('\n').indexOf('              - title: Jellyfin') + 1;
    expect(risks[0]?.message).toContain(`${house.system.config}:${line}`);
  });

  test('two deployments at once lose nothing, nor does the person who edits meanwhile', async () => {
    await start();
    const names = ['a', 'b', 'c', 'd'];
    const plans = await Promise.all(
      names.map(async (name) => ({ name, steps: (await house.survey([present(shown(name))])).steps })),
    );
    appendFileSync(house.path('glance.yml'), '# a person was here\n');
    // Another spelling of the path is another queue, as another process has.
    const other = { ...house.system, config: house.path('./glance.yml') };
    const apart = stageOf(house.play, other);
    const all = await Promise.all(
      plans.map(({ name, steps }, index) =>
        (index % 2 === 0 ? house : apart).ensure(steps, [present(shown(name))]),
      ),
    );
    expect(all.flatMap((results) => Object.values(results)).filter(({ ok }) => !ok)).toEqual([]);
    const text = await house.read();
    for (const name of names) expect(text.match(new RegExp(`# sentinel:${name}$`, 'gm'))).toHaveLength(2);
    expect(text).toContain('# a person was here\n');
    await house.deploy(names.map((name) => absent(shown(name))));
    expect(await house.read()).toBe(`${tutorial}# a person was here\n`);
  });

  test('a change between reading and writing is seen, and the edit is made again on top of it', async () => {
    await start();
    const { steps } = await house.survey([present(shown('grafana'))]);
    let disturbed = 0;
    const machine = house.ports.host(house.play.entry);
    const disturbing = {
      ...house.play,
      ports: {
        ...house.ports,
        host: () => ({
          ...machine,
          run: async (...[command, signal]: Parameters<typeof machine.run>) => {
            // Right before the file is written, twice.
            if (command.script.includes('flock') && disturbed < 2)
              appendFileSync(house.path('glance.yml'), `# edit ${(disturbed += 1)}\n`);
            return machine.run(command, signal);
          },
        }),
      },
    };
    const results = await stageOf(disturbing, house.system).ensure(steps, [present(shown('grafana'))]);
    expect(Object.values(results)).toMatchObject([{ ok: true }, { ok: true }]);
    const text = await house.read();
    expect(text).toContain('# edit 1\n# edit 2\n');
    expect(text.match(/sentinel:grafana/g)).toHaveLength(2);
  });
});

describe('a configuration that Glance does not accept', () => {
  test('is not put in place, and the kind of fault is said, without what Glance quotes', async () => {
    await start();
    const broken = tutorial.replace('type: calendar', 'type: calender');
    house.write(broken);
    // What a check of long ago left behind, cut off.
    await house.play.host.exec(`touch -d '2 hours ago' ${house.path('glance.yml.sentinel.check.old')}`);
    const { steps } = await house.survey([present(shown('grafana'))]);
    const results = await house.ensure(steps, [present(shown('grafana'))]);
    for (const result of Object.values(results))
      expect(result).toMatchObject({ ok: false, touched: false, problem: { code: 'dashboard-invalid' } });
    expect(JSON.stringify(results)).toContain('unknown widget type');
    expect(JSON.stringify(results)).not.toContain('calender');
    expect(await house.read()).toBe(broken);
    const { stdout } = await house.play.host.exec(`ls -A ${house.path('')}`);
    expect(stdout).toBe('glance.yml\n');
  });

  test('is a problem of the plan when it cannot even be read', async () => {
    await start();
    house.write('pages:\n  - name: [Home\n');
    const { problems, steps } = await house.survey([present(shown('grafana'))]);
    expect(steps).toEqual([]);
    expect(problems).toMatchObject([{ code: 'dashboard-invalid' }]);
  });

  test('is put back when Glance does not come up with it', async () => {
    await start({ reload: 'restart' });
    const { steps } = await house.survey([present(shown('grafana'))]);
    const apart = stageOf(silentPlay(house.play), house.system);
    const results = await apart.ensure(steps, [present(shown('grafana'))]);
    for (const result of Object.values(results))
      expect(result).toMatchObject({ ok: false, touched: false, problem: { code: 'dashboard-invalid' } });
    expect(JSON.stringify(results)).toContain('The file is as it was before.');
    expect(await house.read()).toBe(tutorial);
  });

  test('nothing is written while its container does not run', async () => {
    await start();
    await house.play.host.exec('docker stop glance');
    const { steps } = await house.survey([present(shown('grafana'))]);
    const results = await house.ensure(steps, [present(shown('grafana'))]);
    expect(Object.values(results)).toMatchObject([
      { ok: false, touched: false, problem: { code: 'container-not-running' } },
      { ok: false, touched: false },
    ]);
    expect(JSON.stringify(results)).toContain('docker start glance');
    expect(await house.read()).toBe(tutorial);
  });
});

describe('the ways Glance is run', () => {
  test('restarted instead of watching', async () => {
    await start({ reload: 'restart' });
    const started = async () =>
      (await house.play.host.exec("docker inspect -f '{{.State.StartedAt}}' glance")).stdout;
    const before = await started();
    await house.deploy([present(shown('grafana'))]);
    expect(await started()).not.toBe(before);
    expect(await house.page()).toContain('grafana.home.lan');
  });

  test('with its file mounted by itself: written in place, so that it is seen', async () => {
    await start({ mount: 'file' });
    const inode = async () => (await house.play.host.exec(`stat -c %i ${house.path('glance.yml')}`)).stdout;
    const before = await inode();
    await house.deploy([present(shown('grafana'))]);
    expect(await inode()).toBe(before);
    await house.shows('grafana.home.lan');
  });

  test('with its pages in files of their own, and values from the environment', async () => {
    const home = tutorial
      .slice(tutorial.indexOf('  - name: Home'), tutorial.indexOf('  # second'))
      .replace(/^ {2}/gm, '');
    await start({
      text: 'pages:\n  $include: pages/home.yml\n',
      more: { 'pages/home.yml': home.replace('name: Home', 'name: ${HOME_NAME}') },
      environment: ['HOME_NAME=My home'],
    });
    const steps = await house.deploy([present(shown('grafana'))]);
    expect(steps[0]?.after?.file).toBe(house.path('pages/home.yml'));
    expect(await house.shows('grafana.home.lan')).toContain('<h1>My home</h1>');
    expect(await house.read()).toBe('pages:\n  $include: pages/home.yml\n');
  });
});

test('a file that is included from elsewhere takes one more round trip', async () => {
  await start({ more: { '../elsewhere/links.yml': '- title: Far\n  url: https://far.lan\n' } });
  const text = tutorial.replace(/^( *)- title: Prometheus\n.*\n/m, '$1$$include: ../elsewhere/links.yml\n');
  house.write(text);
  const { channels } = await house.play.host.traffic();
  const { steps } = await house.survey([present(shown('grafana'))]);
  expect(steps[0]?.after?.file).toBe(house.path('../elsewhere/links.yml'));
  expect((await house.play.host.traffic()).channels! - channels!).toBe(2);
});

describe('what is not asked of the dashboard', () => {
  test('nothing is read when no service wants or has a place, and a wish without a Glance is said', async () => {
    await start();
    const before = await house.play.host.traffic();
    const plain: Service = { ...shown('grafana'), tile: null };
    expect(await house.survey([present(plain)])).toMatchObject({ steps: [], problems: [] });
    expect((await house.play.host.traffic()).channels).toBe(before.channels);
    const scope = house.play.scope([present(shown('grafana'))]);
    const { risks, steps } = await glance.survey(scope, house.ports, new AbortController().signal);
    expect(steps).toEqual([]);
    expect(risks).toMatchObject([{ code: 'system-missing', alwaysApprove: false }]);
  });

  test('what a person changed on it can be taken over into Git', async () => {
    await start();
    const grafana = shown('grafana');
    await house.deploy([present(grafana)]);
    const text = await house.read();
    house.write(text.replace('- title: grafana # sentinel:grafana', '- title: Graphs # sentinel:grafana'));
    const { steps } = await house.survey([present(grafana)]);
    expect(glance.adopt?.(steps[0]!, grafana)).toEqual([
      { path: ['glance', 'bookmark', 'title'], value: 'Graphs' },
      { path: ['glance', 'monitor', 'widget'], value: 'Services' },
    ]);
    house.write(tutorial);
    const gone = await house.survey([present(grafana)]);
    expect(glance.adopt?.(gone.steps[1]!, grafana)).toEqual([
      { path: ['glance', 'monitor', 'enabled'], value: false },
      { path: ['glance', 'bookmark', 'group'], value: 'Monitoring' },
    ]);
  });
});

test('a configuration that is no text in UTF-8 is said so, and one beside it that nobody includes is not', async () => {
  await start();
  const latin = Buffer.from(tutorial.replace('Monitoring', 'Übersicht'), 'latin1');
  writeFileSync(house.path('old.yml'), latin);
  expect((await house.survey([present(shown('grafana'))])).problems).toEqual([]);
  rmSync(house.path('old.yml'));
  writeFileSync(house.path('glance.yml'), latin);
  const { steps, problems } = await house.survey([present(shown('grafana'))]);
  expect(steps).toEqual([]);
  expect(problems).toMatchObject([
    { code: 'dashboard-invalid', message: expect.stringContaining('no text in UTF-8') as string },
  ]);
});
