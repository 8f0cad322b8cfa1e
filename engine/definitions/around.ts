import type { ServiceFile } from '../../schema/index.ts';
import type { NotifyWish, Service, WantedRecord } from '../types.ts';
import { hostnamesOf, type AroundInput } from './around-input.ts';
import { routeOf } from './wanted-route.ts';
import { signOnOf } from './wanted-sign-on.ts';
import { tileOf } from './wanted-tile.ts';

/** What a definition wants of the systems around the service. */
export type Around = Pick<
  Service,
  'route' | 'record' | 'signOn' | 'tile' | 'watchtower' | 'silentUpdates' | 'notify'
>;

/** A section that is written is wanted, unless it says otherwise; only a login has to be asked for. */
export function aroundOf(input: AroundInput): Around {
  const { file } = input;
  const route = routeOf(input);
  const record = recordOf(input);
  return {
    route,
    record,
    signOn: signOnOf(input, route),
    tile: tileOf(input, route),
    watchtower: file.watchtower?.enabled === true,
    ...(file.watchtower?.notify_on_update === false ? { silentUpdates: true } : {}),
    notify: notifyOf(file),
  };
}

function recordOf(input: AroundInput): WantedRecord | null {
  const name = hostnamesOf(input).record;
  const { file, inventory, defaults } = input;
  const own = inventory.hosts[file.deployment.target_host]?.address;
  const address = file.dns?.ip ?? defaults.target ?? own;
  return name === null || address === undefined ? null : { name, address };
}

function notifyOf({ notifications = {} }: ServiceFile): NotifyWish {
  const { discord, ntfy } = notifications;
  return {
    discord: discord?.enabled !== false,
    ntfy: ntfy?.enabled === true ? { topic: ntfy.topic ?? null } : null,
  };
}
