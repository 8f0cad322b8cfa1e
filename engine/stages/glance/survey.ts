import type { Ports, Scope, Survey } from '../../ports.ts';
import { toProblem } from '../../problems.ts';
import type { Risk } from '../../types.ts';
import { readOrRefuse } from './change-lines.ts';
import { decideTiles } from './decide.ts';
import { readSources } from './read-sources.ts';

const nothing: Survey<'glance'> = { steps: [], risks: [], proofs: {}, diff: '', problems: [] };

/** Reads the dashboard's configuration once for all services that have, or had, a place on it. */
export async function surveyTiles(
  scope: Scope,
  ports: Ports,
  signal: AbortSignal,
): Promise<Survey<'glance'>> {
  const concerned = scope.services.filter(
    ({ service, owned }) => service.tile !== null || owned.some(({ stage }) => stage === 'glance'),
  );
  if (concerned.length === 0) return nothing;
  const system = scope.inventory.systems.glance;
  if (system === null) return { ...nothing, risks: concerned.flatMap(missingRisk) };
  const entry = scope.inventory.hosts[system.host];
  if (entry === undefined)
    return {
      ...nothing,
      problems: [
        {
          code: 'system-unreachable',
          message: `sentinel.yml puts Glance on ${system.host}, which is not one of its hosts.`,
          hint: 'Name a host of the inventory under systems.glance.host.',
        },
      ],
    };
  try {
    const sources = await readSources(ports.host(entry), system, signal);
    return await decideTiles({ ...scope, services: concerned }, system, readOrRefuse(sources));
  } catch (error) {
    return { ...nothing, problems: [toProblem(error)] };
  }
}

function missingRisk({ name, want, service }: Scope['services'][number]): readonly Risk[] {
  if (want === 'absent' || service.tile === null) return [];
  return [
    {
      code: 'system-missing',
      service: name,
      message: `${name} asks for a place on the dashboard, but sentinel.yml names no Glance.`,
      alwaysApprove: false,
    },
  ];
}
