import { canonicalName } from '../../dns-names.ts';
import type { Ports, Scope, ScopedService, Survey } from '../../ports.ts';
import { toProblem } from '../../problems.ts';
import type { Risk } from '../../types.ts';
import { decideRecords, recordsIn, wantedOf } from './decide.ts';

const nothing: Survey<'dns'> = { steps: [], risks: [], proofs: {}, diff: '', problems: [] };

/** Reads all names once and decides for every service; silent where nobody has a name. */
export async function surveyRecords(scope: Scope, ports: Ports, signal: AbortSignal): Promise<Survey<'dns'>> {
  const system = scope.inventory.systems.dns;
  if (system === null) return { ...nothing, risks: scope.services.flatMap(withoutSystem) };
  if (!scope.services.some(isConcerned)) return nothing;
  try {
    const provider = ports.systems.dns(system);
    const entries = await provider.list(signal);
    return {
      ...nothing,
      ...decideRecords(scope.services, {
        ...{ provider, entries, claimed: claimedBy(scope) },
        elsewhere: recordsIn(scope.elsewhere ?? []),
      }),
    };
  } catch (error) {
    signal.throwIfAborted();
    return { ...nothing, problems: [toProblem(error)] };
  }
}

/** Names the rest of the fleet wants: where one of ours went to another service, it is not taken away from that one. */
function claimedBy({ others = [] }: Scope): ReadonlySet<string> {
  return new Set(others.flatMap(({ record }) => (record === null ? [] : [canonicalName(record.name)])));
}

function isConcerned(scoped: ScopedService): boolean {
  return wantedOf(scoped) !== null || recordsIn(scoped.owned).length > 0;
}

function withoutSystem(scoped: ScopedService): readonly Risk[] {
  const service = scoped.name;
  const wanted = wantedOf(scoped);
  const missing = `${service} asks for a DNS record, but sentinel.yml names no DNS server. Add systems.dns to sentinel.yml, or take the section out.`;
  const left = recordsIn(scoped.owned).map(
    ({ system, after }) =>
      `${after.name} stays on ${system}, because sentinel.yml names no DNS server any more.`,
  );
  return [
    ...(wanted === null
      ? []
      : [{ code: 'system-missing' as const, service, message: missing, alwaysApprove: false }]),
    ...left.map((message) => ({ code: 'system-left' as const, service, message, alwaysApprove: false })),
  ];
}
