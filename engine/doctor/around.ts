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
  return [
    ...orNothing('hosts', hostChecks(places)),
    ...orNothing('traefik', traefikChecks(places)),
    ...orNothing('dns', dnsChecks(places)),
    ...orNothing('authentik', authentikChecks(places)),
    ...orNothing('glance', glanceChecks(places)),
    ...orNothing('notifications', notificationChecks(places)),
  ];
}

function orNothing(area: Area, checks: readonly Check[]): readonly Check[] {
  if (checks.length > 0) return checks;
  const look: Check['look'] = () =>
    Promise.resolve([skipped({ area, subject: 'sentinel.yml' }, 'names none.')]);
  return [{ area, subject: 'sentinel.yml', look }];
}
