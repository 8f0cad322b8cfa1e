import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { LabPipeline } from '../../lab/gitlab/ci/types.ts';
import { renderMessage, type LabMessage } from '../../lab/discord/index.ts';
import type { HouseGitlab } from '../../lab/house/gitlab.ts';
import type { HouseOptions } from '../../lab/house/house.ts';
import type { World } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import { openStage, type Stage } from './stage.ts';

/** A pipeline with a gate, as small as one can be: a real plan, and a deployment somebody has to let run. */
export const gatedPipeline = [
  'stages: [plan, deploy, after]',
  'default:',
  '  before_script:',
  '    - export SENTINEL_SSH_KEY="$SSH_PRIVATE_KEY"',
  'plan_deployment:',
  '  stage: plan',
  '  script: [sentinel detect, sentinel plan]',
  '  artifacts: { paths: [changes.json, plan.json] }',
  'deploy_containers:',
  '  stage: deploy',
  '  when: manual',
  '  allow_failure: false',
  '  script:',
  '    - echo "agreed by $SENTINEL_APPROVED_BY"',
  '    - sentinel deploy',
  '  artifacts: { when: always, paths: [result.json] }',
  '',
].join('\n');

/** One whose jobs do nothing to any host; they run as long as a story wants, and fail where it says so. */
export const scriptedPipeline = (jobs: readonly string[]): string =>
  ['stages: [first, second]', ...jobs, ''].join('\n');

export interface GitlabStage extends Stage {
  readonly git: HouseGitlab;
  /** The card of the newest deployment, as a person reads it. */
  card(): string;
  /** Waits until the newest card says all of this. */
  cardSays(...texts: readonly string[]): Promise<string>;
  newestPipeline(): LabPipeline;
  statusOf(job: string): string;
  /** The request about a manual job, once it is asked in the channel. */
  gate(): Promise<LabMessage>;
  /** Everything in the threads, as a person reads it. */
  threads(): string;
}

export async function openGitlabStage(
  world: World,
  pipeline: string,
  options: Partial<HouseOptions> = {},
): Promise<GitlabStage> {
  const stage = await openStage(world, { gitlab: {}, ...options });
  const git = stage.gitlab;
  if (git === null) throw new Error('there is no GitLab');
  git.project.addVariable({
    ...{ key: 'SSH_PRIVATE_KEY', value: readFileSync(world.key.file, 'utf8'), type: 'file' },
  });
  await stage.services.commit({ '.gitlab-ci.yml': pipeline }, 'ci: the pipeline [skip ci]');
  const { ci } = git.project.state;
  const cards = (): readonly LabMessage[] =>
    stage.channel().filter((message) => renderMessage(message).includes('deployment d-'));
  const card = (): string => {
    const last = cards().at(-1);
    return last === undefined ? '' : renderMessage(last);
  };
  const newestPipeline = (): LabPipeline => {
    const [newest] = ci.pipelines();
    if (newest === undefined) throw new Error('there is no pipeline');
    return newest;
  };
  return {
    ...{ ...stage, git, card, newestPipeline },
    async cardSays(...texts) {
      await eventually(
        () => texts.every((text) => card().includes(text)),
        `the card to say ${texts.join(', ')}`,
        60_000,
      ).catch((error: unknown) => {
        throw new Error(`the newest card says: ${card()}`, { cause: error });
      });
      return card();
    },
    statusOf: (job) => newestPipeline().jobs.findLast(({ name }) => name === job)?.status ?? 'none',
    gate: () => stage.cardWith('Approve'),
    threads: () =>
      [...stage.discord.state.messages.values()]
        .filter(({ channelId }) => !stage.channel().some((message) => message.channelId === channelId))
        .map((message) => renderMessage(message))
        .join('\n'),
  };
}

/** Shown where somebody wants to read a story as it looks. */
export function show(stage: GitlabStage): void {
  if (process.env['SHOW_STORIES'] === undefined) return;
  process.stdout.write(
    `${stage
      .channel()
      .map((one) => renderMessage(one))
      .join('\n\n')}\n--- threads\n${stage.threads()}\n`,
  );
}

export const seen = (message: LabMessage): string => renderMessage(message);

/** How often something stands in a text. */
export function times(text: string, part: string): number {
  expect(part).not.toBe('');
  return text.split(part).length - 1;
}
