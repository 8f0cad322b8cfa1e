import { lastVerified } from '../draft-rollback.ts';
import { definitionOf } from '../last-definition.ts';
import type { ScopedService } from '../ports.ts';
import { ProblemError } from '../problems.ts';
import { listReleases } from '../stages/deploy/index.ts';
import type { Service } from '../types.ts';
import { act, type Done } from './act.ts';
import type { Desk } from './desk.ts';
import { everything } from './parts.ts';
import { scopeWith } from './scope.ts';
import type { Reading } from './subject.ts';

export interface Return {
  readonly command: string;
  readonly services: readonly Service[];
  /** Id of a release; undefined: the last verified one before what runs. */
  readonly release?: string;
  readonly yes: boolean;
  readonly waitSeconds: number;
}

/** Puts services back to a release their hosts keep, and the systems around them to the definition it came from. */
export async function goBack(
  { command, services, release, yes, waitSeconds }: Return,
  { reading, desk }: { readonly reading: Reading; readonly desk: Desk },
  signal: AbortSignal,
): Promise<Done> {
  const scoped = await Promise.all(
    services.map((service) => atRelease(service, release, { reading, desk, signal })),
  );
  const around = await scopeWith(reading, scoped, { ports: desk.live, signal });
  const { fleet, environment, head } = reading;
  const scope = { ...around, goingBack: true };
  const frame = { repository: fleet.repository, environment, revision: head, scope, risks: [] };
  const names = new Set(services.map(({ name }) => name));
  return act(
    { command, frame, services: names, part: everything, agreed: null, yes, waitSeconds },
    desk,
    signal,
  );
}

async function atRelease(
  service: Service,
  wanted: string | undefined,
  { reading, desk, signal }: { readonly reading: Reading; readonly desk: Desk; readonly signal: AbortSignal },
): Promise<ScopedService> {
  const { name, host } = service;
  const { fleet, source, environment } = reading;
  const entry = fleet.inventory.hosts[host];
  if (entry === undefined)
    throw new ProblemError({
      code: 'host-unknown',
      message: `${name} runs on “${host}”, which sentinel.yml does not list.`,
    });
  const kept = await listReleases(service, entry, desk.live, signal);
  const release = wanted === undefined ? lastVerified(kept) : kept.find(({ id }) => id === wanted);
  if (release === undefined)
    throw new ProblemError({
      code: 'release-unknown',
      message:
        wanted === undefined
          ? `${name} has no earlier verified release on ${host} to go back to.`
          : `${name} has no release “${wanted}” on ${host}.`,
      where: host,
      hint:
        kept.length === 0 ? 'Nothing is kept there.' : `Kept there: ${kept.map(({ id }) => id).join(', ')}.`,
    });
  const then = await definitionOf({ source, environment, service, revision: release.revision }, signal);
  return { want: 'release', name, service: then, release: release.id, owned: [] };
}
