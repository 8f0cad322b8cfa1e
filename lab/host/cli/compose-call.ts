import type { Project } from '../compose/model.ts';
import { type Run, selectServices } from '../compose/run.ts';
import { messageOf } from '../docker-error.ts';
import type { FlagTable, Parsed } from './flags.ts';
import type { Invocation } from './invocation.ts';

export const globalFlags: FlagTable = {
  'p|project-name': 'value',
  'f|file': 'value',
  'project-directory': 'value',
  'env-file': 'value',
  profile: 'value',
  ansi: 'value',
  progress: 'value',
  parallel: 'value',
  compatibility: 'bool',
  'dry-run': 'bool',
  'all-resources': 'bool',
};

export interface ComposeCall extends Run {
  readonly call: Invocation;
  readonly globals: Parsed;
  readonly flags: Parsed;
  /** Reads the project; compose's refusals are thrown. */
  readonly load: () => Project;
}

export interface ComposeCommand {
  readonly flags: FlagTable;
  readonly act: (call: ComposeCall) => Promise<void> | void;
  /** Works without the daemon. */
  readonly offline?: boolean;
}

export function grace(flags: Parsed): number | undefined {
  const value = flags.last('timeout');
  return value === undefined ? undefined : Number(value) * 1000;
}

/** The project, or just its name when `-p` names one and there is no file. */
export function projectOrName({ load, globals }: ComposeCall): Project | string {
  const name = globals.last('project-name');
  try {
    return load();
  } catch (error) {
    if (
      name !== undefined &&
      globals.all('file').length === 0 &&
      messageOf(error).startsWith('no configuration file')
    )
      return name;
    throw error;
  }
}

export const nameOf = (project: Project | string) => (typeof project === 'string' ? project : project.name);

export function chosen(call: ComposeCall) {
  const project = call.load();
  return { name: project.name, services: selectServices(project, call.flags.rest, false) };
}
