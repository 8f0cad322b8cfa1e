import type { Store } from '../../engine/index.ts';
import type { House } from '../house/house.ts';

/** Deploys a service as people do, so that the channel has a story and Sentinel a record from the start. */
export async function deployFirst(
  { discord, people, channel }: Pick<House, 'discord' | 'people' | 'channel'>,
  { store, service }: { readonly store: Pick<Store, 'deployments'>; readonly service: string },
): Promise<void> {
  const asked = await people.cleo.command('deploy', { service, reason: 'dashboards for the rack' });
  await asked.reply({ within });
  const card = await discord.waitFor(
    () => channel().findLast(({ components }) => JSON.stringify(components).includes('"approve:')),
    { what: `a request to deploy ${service}`, within },
  );
  await people.ben.click(card, 'Approve');
  const record = await discord.waitFor(
    () => {
      const [last] = store.deployments.ofService(service, 1);
      const at = last?.finishedAt == null ? null : Date.parse(last.finishedAt);
      const told = at !== null && channel().some(({ editedAt }) => editedAt !== null && editedAt >= at);
      return told && last;
    },
    { what: `${service} to be deployed`, within },
  );
  if (record.outcome !== 'succeeded')
    throw new Error(`the first deployment of ${service} ${record.outcome ?? ''}`);
}

const within = 60_000;
