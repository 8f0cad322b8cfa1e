import { isFine, serviceNames, type Standing } from './stages/deploy/compare.ts';
import { oneShots } from './stages/deploy/compose-facts.ts';
import type { Decision } from './stages/deploy/make-step.ts';
import type { Checks, ContainerStatus, Light } from './types.ts';

/** What the light of a service says of which nothing is on its host. */
export const notDeployed = 'not deployed';

/** Files, environment and image on the host against Git; containers have a light of their own. */
export function desiredLight({ step, problems }: Decision): Light {
  const [problem] = problems;
  if (problem !== undefined) return { state: 'bad', text: problem.message };
  if (step === null) return { state: 'good', text: 'matches Git' };
  if (step.before === null) return { state: 'bad', text: notDeployed };
  const kinds = new Set(step.changes.flatMap(({ what }) => kindOf(what)));
  if (kinds.size === 0) return { state: 'good', text: 'matches Git' };
  const [first, ...more] = [...kinds];
  return { state: 'bad', text: `${[first, ...more].join(', ')} ${more.length > 0 ? 'differ' : 'differs'}` };
}

function kindOf(what: string): readonly string[] {
  if (what.startsWith('container ')) return [];
  if (what.startsWith('image of ')) return ['image'];
  return [what === '.env' ? 'environment' : what === 'release' ? 'release' : 'files'];
}

/** Containers that run against what was put there. */
export function runningLight({ containers, current, service }: Standing): Light {
  const wanted = Object.keys(current?.images ?? {});
  const names = wanted.length > 0 ? wanted : service.containers.map(({ name }) => name);
  const ends = oneShots(service.files['docker-compose.yml'] ?? '');
  const fine = names.filter((name) => {
    const own = containers.filter((container) => container.service === name);
    return own.length > 0 && own.every((container) => isFine(container, ends));
  });
  const extra = serviceNames(containers).filter((name) => !names.includes(name));
  if (fine.length === 0 && containers.length === 0) return { state: 'bad', text: 'nothing runs' };
  const text = `${fine.length} of ${names.length} running${extra.length > 0 ? `, and ${extra.join(', ')}` : ''}`;
  return { state: fine.length === names.length && extra.length === 0 ? 'good' : 'bad', text };
}

/** What the containers' own checks say, and what the endpoint of the definition answers; null when it was not asked. */
export function healthLight(containers: readonly ContainerStatus[], endpoint: Light | null): Light {
  const checked = containers.filter(({ health }) => health !== 'none');
  const sick = checked.filter(({ health }) => health === 'unhealthy').map(({ name }) => name);
  if (sick.length > 0) return { state: 'bad', text: `${sick.join(', ')} unhealthy` };
  const looping = containers.filter(({ state }) => state === 'restarting').map(({ name }) => name);
  if (looping.length > 0) return { state: 'bad', text: `${looping.join(', ')} restarting` };
  if (endpoint?.state === 'bad') return endpoint;
  if (checked.length === 0) return endpoint ?? { state: 'none', text: 'no health check' };
  const starting = checked.filter(({ health }) => health === 'starting').length;
  if (starting > 0) return { state: 'unknown', text: 'starting' };
  return { state: 'good', text: endpoint === null ? 'healthy' : `healthy, ${endpoint.text}` };
}

/** What the health endpoint answered; null when nothing did. */
export function endpointLight({ path, expect }: NonNullable<Checks['http']>, status: number | null): Light {
  if (status === null) return { state: 'bad', text: `${path} does not answer` };
  return expect.includes(status)
    ? { state: 'good', text: `answers ${status}` }
    : { state: 'bad', text: `${path} answers ${status}` };
}
