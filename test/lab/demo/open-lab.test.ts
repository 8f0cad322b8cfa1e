import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLab } from '../../../lab/demo/open-lab.ts';
import { renderMessage, type LabMessage, type Person } from '../../../lab/discord/index.ts';
import type { PageLab } from '../../../lab/page/page-lab.ts';
import type { RowView, SystemView } from '../../../lab/page/view.ts';
import { eventually } from '../../eventually.ts';
import { hasButton } from '../../scenarios/stage.ts';

/** A line of the status about a service of which something is wrong; not the legend. */
const wrong = /┃ (?=[✅❔➖]*❌)[✅❌❔➖]{4} (?!Paperless)/u;

/** One life of the lab, used from top to bottom. */
describe('the lab behind the page', { timeout: 120_000 }, () => {
  let lab: PageLab;
  beforeAll(async () => {
    lab = await openLab();
  }, 120_000);
  afterAll(() => lab.close(), 60_000);

  const person = (name: string): Person => lab.discord.user(name);
  const ask = async (who: string, command: string, options: Readonly<Record<string, string>>) =>
    (await person(who).command(command, options)).reply({ within: 60_000 });
  const says = async (command: string, options: Readonly<Record<string, string>> = {}): Promise<string> =>
    renderMessage(await ask('ana', command, options));
  const system = async (id: string): Promise<SystemView> => {
    const found = (await lab.homelab.look()).find((each) => each.id === id);
    if (found === undefined) throw new Error(`there is no system ${id}`);
    return found;
  };
  const row = async (id: string, key: string): Promise<RowView | undefined> =>
    (await system(id)).rows.find((each) => each.key === key);
  const messages = (): readonly LabMessage[] => [...lab.discord.state.messages.values()];
  const approve = async (): Promise<void> => {
    const card = await lab.discord.waitFor(() => messages().findLast((each) => hasButton(each, 'Approve')), {
      ...{ what: 'a request for approval', within: 60_000 },
    });
    await (await person('ben').click(card, 'Approve')).reply({ within: 60_000 });
  };
  const done = (step: number): boolean => lab.tour()[step - 1]?.done ?? false;
  const becomesDone = (step: number): Promise<unknown> =>
    eventually(() => done(step) || null, `step ${step} of the tour to be done`, 60_000);
  const good = (): Promise<unknown> =>
    eventually(
      async () => (wrong.test(await says('status')) ? null : true),
      'everything but Paperless to be well',
      60_000,
    );

  test('opens lived in: all systems are up, services run, a newer Grafana waits in Git', async () => {
    const systems = await lab.homelab.look();
    expect(systems.filter(({ state }) => state === 'down')).toEqual([]);
    expect(new Set(systems.map(({ id }) => id)).size).toBe(systems.length);
    for (const { rows } of systems) expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
    const containers = systems.filter(({ kind }) => kind === 'host').flatMap(({ rows }) => rows);
    expect(containers.map(({ key }) => key).toSorted()).toEqual(
      ['glance', 'grafana', 'it-tools', 'jellyfin', 'metube', 'n8n', 'prometheus', 'whoami'].toSorted(),
    );
    expect(containers.filter(({ tone }) => tone !== 'good')).toEqual([]);
    expect((await row('pihole', 'grafana.home.example.net'))?.text).toContain('127.0.0.1');
    expect((await system('opnsense')).rows.map(({ text }) => text).join()).toContain('whoami.staging');
    expect((await row('authentik', 'grafana'))?.detail).toContain('forward auth');
    expect((await system('traefik')).rows.map(({ text }) => text).join()).toContain(
      'jellyfin.home.example.net →',
    );
    expect((await system('glance')).rows.map(({ text }) => text).join()).toContain(
      'https://n8n.home.example.net',
    );
    const status = await says('status');
    expect(status).toContain('✅✅✅✅ Jellyfin');
    expect(status).toMatch(/➖ Paperless-ngx: not deployed yet/);
    expect(await says('status', { environment: 'staging' })).not.toMatch(wrong);
    expect(lab.tour().map((step) => step.done)).toEqual([false, false, false, false, false]);
    expect(messages().some((each) => hasButton(each, 'Approve'))).toBe(false);
  });

  test('lets a guest look and nothing else', async () => {
    expect(renderMessage(await ask('dora', 'status', { service: 'grafana' }))).toContain('10.1.5');
    const refused = renderMessage(await ask('dora', 'deploy', { service: 'grafana' }));
    expect(refused).toMatch(/may not|not allowed/i);
    expect(lab.people.map(({ part }) => part)).toEqual(['deployer', 'approver', 'administrator', 'guest']);
  });

  test('the tour is done by doing it, and every system shows what came of it', async () => {
    const key = 'grafana';
    expect(await says('plan', { service: key })).toContain('10.2.3');
    await becomesDone(1);
    await ask('ana', 'deploy', { service: key, version: '10.3.1', reason: 'newer dashboards' });
    await becomesDone(2);
    expect(done(3)).toBe(false);
    await approve();
    await becomesDone(3);
    expect((await row('host-docker-vm-core-utilities01', key))?.text).toContain('grafana:10.3.1');
    expect((await system('gitlab')).rows[0]?.text).toContain('10.3.1');

    await ask('ana', 'deploy', { service: key, version: '10.4.0' });
    await approve();
    await becomesDone(4);
    expect(await row('host-docker-vm-core-utilities01', key)).toMatchObject({
      ...{ text: 'grafana · grafana:10.3.1', tone: 'good' },
    });

    await lab.homelab.turn('edit-record', true);
    expect((await row('pihole', 'grafana.home.example.net'))?.text).toContain('10.9.9.9');
    const drifted = await ask('ana', 'status', { service: key });
    expect(renderMessage(drifted)).toContain('10.9.9.9');
    expect(done(5)).toBe(false);
    const offer = await (await person('ana').click(drifted, 'Put back')).reply({ within: 60_000 });
    await (await person('ana').click(offer, 'Request approval')).reply({ within: 60_000 });
    await approve();
    await becomesDone(5);
    expect(await row('pihole', 'grafana.home.example.net')).toMatchObject({
      text: 'grafana.home.example.net → 127.0.0.1',
    });
    expect((await system('pipelines')).rows, 'production starts no pipeline').toEqual([]);
  });

  test('every switch breaks what it says, and turned back leaves a healthy lab', async () => {
    const { homelab } = lab;
    const turn = (id: string, on: boolean): Promise<void> => homelab.turn(id, on);
    const isOn = (id: string): boolean | undefined => homelab.switches().find((each) => each.id === id)?.on;
    await turn('host-off', true);
    expect((await system('host-docker-lxc-media')).state).toBe('down');
    expect(await says('status')).toMatch(/docker-lxc-media/);
    await expect(turn('stop-container', true)).rejects.toThrow('Switch it on first');
    await turn('host-off', false);
    expect(await row('host-docker-lxc-media', 'jellyfin')).toMatchObject({ tone: 'good' });

    await turn('pihole-down', true);
    expect(await system('pihole')).toMatchObject({ state: 'down', rows: [] });
    await expect(turn('edit-record', true)).rejects.toThrow('Pi-hole is down');
    expect(await says('status')).toContain('❔');
    await turn('pihole-down', false);

    await turn('gitlab-down', true);
    expect((await system('gitlab')).state).toBe('down');
    expect(await says('plan', { service: 'grafana' })).toContain('did not answer');
    await turn('gitlab-down', false);

    await turn('stop-container', true);
    expect((await row('host-docker-lxc-media', 'jellyfin'))?.tone).toBe('bad');
    await expect(turn('stop-container', true)).rejects.toThrow('does not run');
    await ask('ana', 'deploy', { service: 'jellyfin' });
    await approve();
    await eventually(
      async () => (await row('host-docker-lxc-media', 'jellyfin'))?.tone === 'good' || null,
      'Jellyfin to run again',
      60_000,
    );

    await turn('grafana-crashes', false);
    expect(['host-off', 'grafana-crashes', 'pihole-down', 'gitlab-down'].map(isOn)).toEqual(
      Array(4).fill(false),
    );
    await ask('ana', 'deploy', { service: 'grafana', version: '10.4.0' });
    await approve();
    await eventually(
      async () => (await row('host-docker-vm-core-utilities01', 'grafana'))?.text.includes('10.4.0') || null,
      'Grafana 10.4.0 to run',
      60_000,
    );
    await expect(turn('nothing', true)).rejects.toThrow('no switch');
    await good();
  });
});
