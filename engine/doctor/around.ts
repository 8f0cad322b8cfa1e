import { authentikChecks } from './authentik.ts';
import { dnsChecks } from './dns.ts';
import type { Check } from './examine.ts';
import { skipped, type Area } from './finding.ts';
import { glanceChecks } from './glance.ts';
import { hostChecks } from './hosts.ts';
import { notificationChecks } from './notifications.ts';
import type { Place } from './places.ts';
import { traefikChecks } from './traefik.ts';

/** Everything the definitions of these places name: machines, and the systems around the services. */
export function aroundChecks(places: readonly Place[]): readonly Check[] {
  const isRead = places.length > 0;
  return [
    ...orNothing('hosts', hostChecks(places), isRead),
    ...orNothing('traefik', traefikChecks(places), isRead),
    ...orNothing('dns', dnsChecks(places), isRead),
    ...orNothing('authentik', authentikChecks(places), isRead),
    ...orNothing('glance', glanceChecks(places), isRead),
    ...orNothing('notifications', notificationChecks(places), isRead),
  ];
}

const unread = 'could not be looked at: no definitions could be read.';

function orNothing(area: Area, checks: readonly Check[], isRead: boolean): readonly Check[] {
  if (checks.length > 0) return checks;
  const look: Check['look'] = () =>
    Promise.resolve([skipped({ area, subject: 'sentinel.yml' }, isRead ? 'names none.' : unread)]);
  return [{ area, subject: 'sentinel.yml', look }];
}
