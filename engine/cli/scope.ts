import { withHostHoldings, type Held } from '../holdings/index.ts';
import type { Ports, Scope, ScopedService } from '../ports.ts';
import { amongOthers } from '../scope-of.ts';
import type { Service } from '../types.ts';
import type { Reading, Subject } from './subject.ts';

/** All a plan of this subject is for, with what hosts keep of earlier deployments. */
export function scopeOfSubject(
  subject: Subject,
  { deleteVolumes, ports }: { readonly deleteVolumes: boolean; readonly ports: Ports },
  signal: AbortSignal,
): Promise<Scope> {
  const { deploy, remove, before } = subject;
  const services = [
    ...deploy.map((service) => presentNow(service, before)),
    ...remove.map(
      (service) => ({ want: 'absent', name: service.name, service, deleteVolumes, owned: [] }) as const,
    ),
  ];
  return scopeWith(subject, services, { ports, signal });
}

/** These services among the rest of the fleet. */
export function scopeWith(
  { fleet, environment }: Pick<Reading, 'fleet' | 'environment'>,
  services: readonly ScopedService[],
  { ports, signal }: { readonly ports: Ports; readonly signal: AbortSignal },
): Promise<Scope> {
  const known = { environment, since: ({ owned }: Held) => owned, ports };
  return withHostHoldings(amongOthers(fleet, services), known, signal);
}

/** The same scope with what the hosts keep now: who had a lock before us may have left something there. */
export function heldNow(
  scope: Scope,
  { environment, ports }: { readonly environment: string; readonly ports: Ports },
  signal: AbortSignal,
): Promise<Scope> {
  const services = scope.services.map((scoped) => ({ ...scoped, owned: [] }));
  const known = { environment, since: ({ owned }: Held) => owned, ports };
  return withHostHoldings({ ...scope, services, elsewhere: [] }, known, signal);
}

/** A service as Git defines it; where it was before, if the commit moves it. */
export function presentNow(service: Service, before: readonly Service[]): ScopedService {
  const was = before.find(({ name }) => name === service.name);
  const moved = was !== undefined && (was.host !== service.host || was.installPath !== service.installPath);
  return {
    want: 'present',
    name: service.name,
    service,
    ...(moved ? { formerly: { host: was.host, path: was.installPath } } : {}),
    owned: [],
  };
}
