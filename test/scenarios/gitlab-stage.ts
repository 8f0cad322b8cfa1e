import { readFileSync } from 'node:fs';
import type { DeploymentRecord } from '../../engine/index.ts';
import { filesOf } from '../../engine/cli/init/files.ts';
import type { LabPipeline } from '../../lab/gitlab/ci/types.ts';
import { startCi } from '../../lab/gitlab/ci/start-ci.ts';
import type { LabProject } from '../../lab/gitlab/lab-project.ts';
import { renderMessage, type LabMessage } from '../../lab/discord/index.ts';
import { webService, type WebService } from '../../lab/house/definitions.ts';
import type { HouseGitlab } from '../../lab/house/gitlab.ts';
import type { HouseOptions } from '../../lab/house/house.ts';
import type { World } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import { openStage, storeIn, type Stage } from './stage.ts';

/** What one job does that deploys whatever its commit changed. */
export const shortPipeline = `stages: [deploy]
variables:
  GIT_DEPTH: "0"
deploy_services:
  stage: deploy
  script:
    - export SENTINEL_SSH_KEY="$SSH_PRIVATE_KEY"
    - sentinel detect --out .
    - sentinel deploy --out . --yes
`;

/** The one `sentinel init fleet` writes. */
export const fleetPipeline = filesOf({
  ...{ kind: 'fleet', templates: '', service: null, hasDefinitions: true },
}).find(({ path }) => path === '.gitlab-ci.yml')!.text;

export interface GitlabStage extends Stage {
  readonly forge: HouseGitlab;
  readonly project: LabProject;
  /** The service's definition, pushed in a way that starts no pipeline. */
  defineQuietly(change?: Partial<WebService>): Promise<string>;
  /** Of a commit that was pushed, once it ended or waits for somebody. */
  pipelineOf(commit: string): Promise<LabPipeline>;
  /** ana asks in Discord, ben agrees; the end of it as the record has it. */
  through(command: string, options?: Readonly<Record<string, string | boolean>>): Promise<DeploymentRecord>;
  /** The service's last deployment, as the record has it now. */
  newest(): DeploymentRecord | undefined;
  /** Waits until the last deployment has that outcome and the channel says so. */
  finishedAs(outcome: DeploymentRecord['outcome']): Promise<void>;
  /** Everything in the channel as people read it, oldest first. */
  channelText(): string;
}

export const shown = (message: LabMessage): string => renderMessage(message);

/** A stage whose services are a GitLab project with a pipeline and what its jobs need. */
export async function openGitlabStage(
  world: World,
  {
    pipeline = shortPipeline,
    variables = {},
    gitlab = {},
    ...options
  }: Partial<HouseOptions> & {
    /** Null: none. */
    readonly pipeline?: string | null;
    /** CI/CD variables, beside the key of the hosts. */
    readonly variables?: Readonly<Record<string, string>>;
  } = {},
): Promise<GitlabStage> {
  const stage = await openStage(world, {
    ...options,
    gitlab: { ci: (parts) => startCi({ ...parts, skipped: 'pipeline' }), ...gitlab },
  });
  const forge = stage.gitlab;
  if (forge === null) throw new Error('the house has no GitLab');
  const { project } = forge;
  if (pipeline !== null) await project.begin({ '.gitlab-ci.yml': pipeline });
  project.addVariable({ key: 'SSH_PRIVATE_KEY', value: readFileSync(world.key.file, 'utf8'), type: 'file' });
  for (const [key, value] of Object.entries(variables)) project.addVariable({ key, value, masked: true });
  const newest = (): DeploymentRecord | undefined =>
    storeIn(stage.database).deployments.ofService(stage.service.name, 1)[0];
  return {
    ...stage,
    ...{ forge, project, newest },
    defineQuietly: (change = {}) =>
      project.begin({
        [stage.service.file]: webService({
          ...{ name: stage.service.name, host: stage.host.name, image: stage.image('web:1') },
          ...{ port: stage.service.port, ...change },
        }),
      }),
    pipelineOf: (commit) =>
      eventually(
        () => {
          const found = project.state.ci.pipelines().find((each) => each.commit === commit);
          return found !== undefined && ended.has(found.status) ? found : null;
        },
        `the end of the pipeline of ${commit.slice(0, 8)}`,
      ),
    async through(command, given = {}) {
      const before = newest()?.id;
      const { reply } = await stage.ask(command, given);
      if (command === 'rollback') await stage.people.ana.click(reply, 'Request approval');
      const approval = await stage.approve(stage.people.ben, await stage.cardWith('Approve'));
      await eventually(
        () => (newest()?.id === before ? null : true),
        `a deployment after: ${shown(reply)}\n${shown(approval)}`,
      );
      return stage.finished();
    },
    async finishedAs(outcome) {
      await eventually(() => newest()?.outcome === outcome, `a deployment that ${outcome ?? ''}`);
      await stage.finished();
    },
    channelText: () => stage.channel().map(shown).join('\n\n'),
  };
}

const ended: ReadonlySet<string> = new Set(['success', 'failed', 'canceled', 'skipped', 'manual']);
