import { afterEach, describe, expect, test } from 'vitest';
import { hasRsync, openLab } from '../../../lab/demo/open-lab.ts';
import type { LabMessage } from '../../../lab/discord/index.ts';
import type { PageLab } from '../../../lab/page/page-lab.ts';
import type { SystemView } from '../../../lab/page/view.ts';
import { eventually } from '../../eventually.ts';

const playable = await hasRsync();
const why = playable ? '' : ' (skipped: this machine has no rsync, with which jobs are copied)';

describe('staging, where changes are tried first', { timeout: 240_000 }, () => {
  let lab: PageLab | undefined;
  afterEach(async () => {
    await lab?.close();
    lab = undefined;
  }, 60_000);

  const system = async (from: PageLab, id: string): Promise<SystemView> => {
    const found = (await from.homelab.look()).find((each) => each.id === id);
    if (found === undefined) throw new Error(`there is no system ${id}`);
    return found;
  };
  const told = (from: PageLab): readonly LabMessage[] => [...from.discord.state.messages.values()];
  /** Ana releases another whoami; nobody has to agree there. */
  async function release(from: PageLab): Promise<void> {
    const asked = await from.discord.user('ana').command('deploy', {
      ...{ service: 'whoami', environment: 'staging', version: 'v1.11.0' },
    });
    await asked.reply({ within: 60_000 });
    await eventually(
      () =>
        told(from).some(({ embeds }) =>
          embeds.some(({ title }) => /whoami/i.test(title ?? '') && /· succeeded$/.test(title ?? '')),
        ) || null,
      'whoami to be deployed to staging',
      180_000,
    );
    const [whoami] = (await system(from, 'host-docker-vm-staging')).rows.filter(
      ({ key }) => key === 'whoami',
    );
    expect(whoami).toMatchObject({ tone: 'good' });
    expect(whoami?.text).toContain('whoami:v1.11.0');
  }

  test.skipIf(!playable)(`a new version goes there by the project’s own pipeline${why}`, async () => {
    lab = await openLab();
    await release(lab);
    const { rows } = await system(lab, 'pipelines');
    expect(rows[0]?.text).toMatch(/^Pipeline \d+ · success$/);
    expect(rows.map(({ text }) => text)).toEqual(expect.arrayContaining(['deploy_containers · success']));
    expect((await system(lab, 'opnsense')).rows.map(({ text }) => text).join()).toContain('whoami.staging');
  });
});
