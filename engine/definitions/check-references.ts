import { posix } from 'node:path';
import type { ComposeFile, ComposeService } from '../../schema/index.ts';
import type { Fault } from './fault.ts';

/** Files a compose file of one's own points at must be uploaded too, and must not bring containers nobody sees. */
export function checkReferences(compose: ComposeFile, uploads: readonly string[]): readonly Fault[] {
  const faults: Fault[] = [];
  if (compose.include !== undefined)
    faults.push({
      path: ['include'],
      message: 'include is not supported, because a plan could not show what it brings',
      hint: 'write all containers into config/docker-compose.yml',
    });
  for (const [name, service] of Object.entries(compose.services)) {
    if (typeof service.extends === 'object' && service.extends.file !== undefined)
      faults.push({
        path: ['services', name, 'extends', 'file'],
        message: `services.${name}: extends from another file is not supported, because a plan could not show it`,
        hint: 'write the settings into config/docker-compose.yml',
      });
    faults.push(...missingEnvFiles(name, service, uploads));
  }
  return faults;
}

function missingEnvFiles(
  name: string,
  service: ComposeService,
  uploads: readonly string[],
): readonly Fault[] {
  const { env_file = [] } = service;
  const entries = typeof env_file === 'string' ? [env_file] : env_file;
  return entries.flatMap((entry, index) => {
    const { path, required = true } = typeof entry === 'string' ? { path: entry } : entry;
    const inside = posix.normalize(path);
    if (String(required) === 'false' || inside === '.env' || path.startsWith('/') || uploads.includes(inside))
      return [];
    return [
      {
        path:
          typeof env_file === 'string'
            ? ['services', name, 'env_file']
            : ['services', name, 'env_file', index],
        message: `services.${name}: env_file ${path} is not in the repository`,
        hint: `add config/${inside}, or move its variables to deployment.environment`,
      },
    ];
  });
}
