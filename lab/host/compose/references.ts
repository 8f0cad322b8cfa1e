import { invalidFile } from './compose-error.ts';
import type { ComposeService, Resource } from './model.ts';

export function checkReferences(
  services: readonly ComposeService[],
  networks: Readonly<Record<string, Resource>>,
  volumes: Readonly<Record<string, Resource>>,
): void {
  const names = new Set(services.map(({ name }) => name));
  const invalid = (words: string) => invalidFile(`${words}: invalid compose project`);
  for (const service of services) {
    for (const { service: other, required } of service.dependsOn)
      if (required && !names.has(other))
        throw invalid(`service "${service.name}" depends on undefined service "${other}"`);
    for (const network of service.networks)
      if (!(network in networks))
        throw invalid(`service "${service.name}" refers to undefined network ${network}`);
    for (const { type, source } of service.volumes)
      if (type === 'volume' && source !== '' && !(source in volumes))
        throw invalid(`service "${service.name}" refers to undefined volume ${source}`);
  }
  refuseCycle(services);
}

function refuseCycle(services: readonly ComposeService[]): void {
  const byName = new Map(services.map((one) => [one.name, one]));
  const visit = (name: string, trail: readonly string[]): void => {
    if (trail.includes(name))
      throw invalidFile(
        `dependency cycle detected: ${[...trail.slice(trail.indexOf(name)), name].join(' -> ')}`,
      );
    for (const { service } of byName.get(name)?.dependsOn ?? []) visit(service, [...trail, name]);
  };
  for (const { name } of services) visit(name, []);
}
