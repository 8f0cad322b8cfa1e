import type { Proposal } from '../engine/index.ts';
import type { Choice, Memory, Options, OwnMemory } from './command.ts';

/** Services whose name contains what was typed; those that start with it come first. */
export function serviceChoices(memory: Memory, typed: string): readonly Choice[] {
  return matching(
    memory.engine.services().map(({ name, displayName, host }) => ({
      name: displayName === name ? `${name} · ${host}` : `${name} · ${displayName} · ${host}`,
      value: name,
    })),
    typed,
  );
}

export function environmentChoices(memory: Memory, typed: string): readonly Choice[] {
  return matching(
    memory.engine.environments().map((name) => ({ name, value: name })),
    typed,
  );
}

export function requestChoices(memory: OwnMemory, typed: string): readonly Choice[] {
  return matching(
    memory.engine
      .pending()
      .filter(({ plan }) => memory.maySee(plan.environment))
      .map((proposal) => ({ name: requestName(proposal), value: proposal.id })),
    typed,
  );
}

/** `let approve_deploy run · grafana · production · Ada · p-7k3m2q` */
function requestName({ id, request, plan, requestedBy }: Proposal): string {
  const services = plan.services.map(({ name }) => name).join(', ');
  return [
    ...(request.kind === 'gate' ? [`let ${request.job.name} run`] : []),
    services === '' ? plan.repository : services,
    ...[plan.environment, requestedBy.name, id],
  ].join(' · ');
}

export async function releaseChoices(
  memory: Memory,
  options: Options,
  typed: string,
): Promise<readonly Choice[]> {
  const service = options.text('service');
  if (service === null) return [];
  const releases = await memory.releases(service, options.text('environment') ?? undefined);
  return matching(
    releases.map(({ id, label }) => ({ name: label, value: id })),
    typed,
  );
}

function matching(choices: readonly Choice[], typed: string): readonly Choice[] {
  const wanted = typed.trim().toLowerCase();
  const found = choices.filter(({ name, value }) => `${value} ${name}`.toLowerCase().includes(wanted));
  const rank = ({ value }: Choice): number => (value.toLowerCase().startsWith(wanted) ? 0 : 1);
  return found.toSorted((a, b) => rank(a) - rank(b)).slice(0, 25);
}
