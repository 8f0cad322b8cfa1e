import { listReleases, type ReleaseOnHost } from '../stages/deploy/index.ts';
import type { Service } from '../types.ts';
import type { Desk } from './desk.ts';
import { filled } from './repository-options.ts';
import type { Subject } from './subject.ts';

/**
 * Those of the services that run what this pipeline deployed, or run no more. Whoever plays a rollback because something
 * failed must not be put back further than that: what failed may have gone back by itself already.
 */
export async function ofThisPipeline(
  services: readonly Service[],
  { desk, subject }: { readonly desk: Desk; readonly subject: Subject },
  signal: AbortSignal,
): Promise<readonly Service[]> {
  const { fleet, head } = subject;
  const since = Date.parse(filled(desk.cli.env['CI_PIPELINE_CREATED_AT']) ?? '');
  const madeHere = ({ revision, createdAt }: ReleaseOnHost): boolean =>
    revision === head && (Number.isNaN(since) || Date.parse(createdAt) >= since);
  const chosen = await Promise.all(
    services.map(async (service) => {
      const entry = fleet.inventory.hosts[service.host];
      if (entry === undefined) return true; // going back says what is wrong
      const kept = await listReleases(service, entry, desk.live, signal);
      const current = kept.find((release) => release.current);
      if (current === undefined || madeHere(current)) return true;
      const commit = current.revision === null ? '' : ` of commit ${current.revision.slice(0, 8)}`;
      desk.cli.out(
        `${service.name} is left as it is: release ${current.id}${commit} runs, which this pipeline did not deploy.\n`,
      );
      return false;
    }),
  );
  return services.filter((_, index) => chosen[index]);
}
