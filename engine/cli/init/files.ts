import { schemas } from '../../../schema/index.ts';
import type { Layout } from '../../types.ts';
import { fleetPipeline } from './fleet-pipeline.ts';
import { sharedPipeline, sharedPipelinePath, singlePipeline } from './single-pipeline.ts';
import { fleetReadme, ignored, singleReadme, templatesReadme } from './starter-texts.ts';
import { starterInventory } from './starter-inventory.ts';
import { fleetService, singleCompose, singleEnvironment, singleService } from './starter-service.ts';

export type InitKind = Layout | 'templates';
export interface InitFile {
  readonly path: string;
  readonly text: string;
  /** Only for an empty place: where there is such a file already, it is somebody's own and stays as it is. */
  readonly starter: boolean;
}
export interface InitRequest {
  readonly kind: InitKind;
  /** Path of the GitLab project with the shared pipeline. */
  readonly templates: string;
  /** The service of a single repository that is there already. */
  readonly service: string | null;
  /** Definitions are there already, so none is made up. */
  readonly hasDefinitions: boolean;
}

/** Where a repository keeps the schemas its definitions name for editors. */
export const schemaFolder = 'schema';
const exampleName = 'whoami';

/** Every file a repository of this kind starts with. */
export function filesOf({ kind, templates, service, hasDefinitions }: InitRequest): readonly InitFile[] {
  switch (kind) {
    case 'fleet':
      return [
        ours('.gitlab-ci.yml', fleetPipeline),
        ...schemaFiles(),
        ...surroundings(fleetReadme),
        ...(hasDefinitions ? [] : [starter(`services/utilities/${exampleName}.yml`, fleetService)]),
      ];
    case 'single':
      return [
        ours('.gitlab-ci.yml', singlePipeline({ project: templates, service: service ?? exampleName })),
        ...schemaFiles(),
        ...surroundings(singleReadme),
        ...(hasDefinitions ? [] : singleFiles()),
      ];
    case 'templates':
      return [ours(sharedPipelinePath, sharedPipeline), starter('README.md', templatesReadme)];
  }
}

function singleFiles(): readonly InitFile[] {
  return [
    starter('service.yml', singleService),
    starter('config/docker-compose.yml', singleCompose),
    starter('config/.env.example', singleEnvironment),
  ];
}

function schemaFiles(): readonly InitFile[] {
  return (['service', 'sentinel'] as const).map((name) =>
    ours(`${schemaFolder}/${name}-schema.json`, `${JSON.stringify(schemas[name], null, 2)}\n`),
  );
}

function surroundings(readme: string): readonly InitFile[] {
  return [
    starter('sentinel.yml', starterInventory),
    starter('README.md', readme),
    starter('.gitignore', ignored),
  ];
}

function ours(path: string, text: string): InitFile {
  return { path, text, starter: false };
}
function starter(path: string, text: string): InitFile {
  return { path, text, starter: true };
}
