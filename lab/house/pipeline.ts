import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { filesOf } from '../../engine/cli/init/files.ts';
import type { LabJob, LabPipeline, StartRequest } from '../gitlab/ci/types.ts';
import type { LabProject, NewVariable } from '../gitlab/lab-project.ts';
import { startGitlab, type GitlabLab } from '../gitlab/start-gitlab.ts';
import type { GitlabUser } from '../gitlab/state.ts';
import { projectFile } from '../project-file.ts';
import type { World } from '../world.ts';
import { inventoryText } from './definitions.ts';
import { nodePath, writeProgram } from './gitlab.ts';
import type { HouseSystems } from './systems.ts';

type Files = Readonly<Record<string, string>>;

/** What `sentinel init` writes for repositories that have definitions, but for the texts people make their own. */
export function initFiles(kind: 'fleet' | 'single' | 'templates', service: string | null = null): Files {
  const written = filesOf({ kind, templates: templatesPath, service, hasDefinitions: true });
  return Object.fromEntries(written.map(({ path, text }) => [path, text]));
}

/** A repository of many services as `sentinel init fleet` begins it, with the machines and systems of this house. */
export function fleetFiles(world: World, systems: Pick<HouseSystems, 'inventory'>): Files {
  return { ...initFiles('fleet'), 'sentinel.yml': inventoryText(world, systems.inventory) };
}

/** The project's CI/CD variables: the key of the hosts, and the secrets of the systems. */
export function pipelineVariables(
  world: World,
  { secrets }: Pick<HouseSystems, 'secrets'>,
): readonly NewVariable[] {
  return [
    {
      key: 'SSH_PRIVATE_KEY',
      value: readFileSync(world.key.file, 'utf8'),
      type: 'file',
      protected: true,
    },
    ...Object.entries(secrets).map(([key, value]) => ({ key, value, protected: true, masked: true })),
  ];
}

/** The project every repository with one service includes its pipeline from. */
export const templatesPath = 'homelab/gitops-templates';

/** A GitLab whose jobs deploy to the hosts and systems of a house; nobody but its owner works with it. */
export interface PipelineHouse {
  readonly lab: GitlabLab;
  readonly olivia: GitlabUser;
  /** A project with these files, and the variables its jobs need. Its first commit starts no pipeline. */
  project(path: string, files: Files): Promise<PipelineProject>;
  close(): Promise<void>;
}
/** A project, in the words of whoever pushes to it and looks at its pipelines. */
export interface PipelineProject extends LabProject {
  /** Pushes a commit and answers its pipeline as soon as there is one. */
  commit(files: Readonly<Record<string, string | null>>, message: string): Promise<LabPipeline>;
  /** Starts a pipeline for the branch as it is. */
  run(source: StartRequest['source'], variables?: Files): Promise<LabPipeline>;
  /** The pipeline once nothing of it goes on by itself: it ended, or waits for somebody. */
  ended(pipeline: Pick<LabPipeline, 'id'>): Promise<LabPipeline>;
  play(pipeline: LabPipeline, job: string, variables?: Files): Promise<LabJob>;
  job(pipeline: Pick<LabPipeline, 'id'>, name: string): LabJob;
  /** What a job wrote, as a person reads it. */
  said(pipeline: Pick<LabPipeline, 'id'>, job: string): string;
  file(pipeline: Pick<LabPipeline, 'id'>, job: string, path: string): Promise<string | null>;
}

export async function createPipelineHouse(world: World, systems: HouseSystems): Promise<PipelineHouse> {
  const directory = await mkdtemp(join(tmpdir(), 'sentinel-pipelines-'));
  const bin = join(directory, 'bin');
  await writeProgram(bin, projectFile('dist/bot/cli.js'));
  const lab = await startGitlab({ directory, path: [bin, ...nodePath()] });
  const olivia = lab.addUser({ username: 'olivia', name: 'Olivia Owner', role: 'maintainer' });
  return {
    ...{ lab, olivia },
    async project(path, files) {
      const project = await lab.createProject({ path, files });
      for (const variable of pipelineVariables(world, systems)) project.addVariable(variable);
      return asOwner(project, olivia);
    },
    async close() {
      await lab.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

function asOwner(project: LabProject, owner: GitlabUser): PipelineProject {
  const { ci } = project.state;
  const when = watch(project);
  const job: PipelineProject['job'] = ({ id }, name) => {
    const found = ci.pipeline(id)?.jobs.findLast((each) => each.name === name);
    if (found === undefined) throw new Error(`the pipeline has no job ${name}`);
    return found;
  };
  return {
    ...project,
    async commit(files, message) {
      const commit = await project.push({ by: owner, files, message });
      return when(() => ci.pipelines().find((each) => each.commit === commit));
    },
    async run(source, variables = {}) {
      const commit = await project.head();
      const about = { commit, before: '0'.repeat(40), branch: project.state.defaultBranch, message: '' };
      const pipeline = await ci.start({ ...about, source, by: owner, variables });
      if (pipeline === null) throw new Error(`no pipeline is made for ${source}`);
      return pipeline;
    },
    ended: ({ id }) => when(() => settled(ci.pipeline(id))),
    async play(pipeline, name, variables = {}) {
      const { id } = job(pipeline, name);
      if (!ci.play(id, owner, variables)) throw new Error(`${name} cannot be played now`);
      return when(() => (over.has(ci.job(id)?.status ?? '') ? ci.job(id) : undefined));
    },
    job,
    said: (pipeline, name) => readable(ci.trace(job(pipeline, name).id)),
    async file(pipeline, name, path) {
      const { id } = job(pipeline, name);
      return ((await ci.artifact(id, path)) ?? (await ci.report(id, path)))?.toString() ?? null;
    },
  };
}

const over: ReadonlySet<string> = new Set(['success', 'failed', 'canceled', 'skipped']);

function settled(pipeline: LabPipeline | undefined): LabPipeline | undefined {
  const waits = (status: string): boolean => over.has(status) || status === 'manual';
  return pipeline !== undefined &&
    waits(pipeline.status) &&
    pipeline.jobs.every(({ status, retried }) => retried || waits(status))
    ? pipeline
    : undefined;
}

/** Waits for what changes of a project's pipelines bring about. */
function watch({ state }: LabProject): <T>(look: () => T | undefined) => Promise<T> {
  const waiting = new Set<() => void>();
  state.ci.onChange(() => {
    for (const look of [...waiting]) look();
  });
  return (look) =>
    new Promise((resolve) => {
      const again = (): void => {
        const found = look();
        if (found === undefined) return;
        waiting.delete(again);
        resolve(found);
      };
      waiting.add(again);
      again();
    });
}

/** Without colours; a section is its heading. */
function readable(trace: string): string {
  return stripVTControlCharacters(trace).replaceAll(/section_(?:start|end):\d+:[^\r\n]*\r/g, '');
}
