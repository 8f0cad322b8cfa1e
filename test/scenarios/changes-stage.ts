import { expect } from 'vitest';
import type { DeploymentRecord } from '../../engine/index.ts';
import { renderMessage, type LabMessage } from '../../lab/discord/index.ts';
import type { HouseGitlab, HouseGitlabOptions } from '../../lab/house/gitlab.ts';
import type { HouseOptions } from '../../lab/house/house.ts';
import type { MergeRequest } from '../../lab/gitlab/state.ts';
import type { World } from '../../lab/world.ts';
import { eventually } from '../eventually.ts';
import { openStage, storeIn, type Stage } from './stage.ts';

/** A pipeline of one job, for the main branch only. */
export const tinyPipeline = [
  'stages: [deploy]',
  'deploy:',
  '  stage: deploy',
  '  rules:',
  '    - if: $CI_COMMIT_BRANCH == "main"',
  '  script:',
  '    - echo "deploying $CI_COMMIT_SHORT_SHA"',
  '',
].join('\n');

/** What people do and see where the services are a GitLab project. */
export interface GitlabStage extends Stage {
  readonly gitlab: HouseGitlab;
  /** ana asks for a version; the card that waits for ben. */
  askFor(version: string): Promise<LabMessage>;
  /** ben says yes. */
  agree(card: LabMessage): Promise<LabMessage>;
  /** ben says no, with a reason. */
  refuse(card: LabMessage, reason: string): Promise<LabMessage>;
  /** The card in the channel that contains all of it, once there is one, as text. */
  seen(...texts: readonly string[]): Promise<string>;
  /** The newest merge request. */
  mergeRequest(): MergeRequest;
  /** Branches beside the main one. */
  branches(): Promise<readonly string[]>;
  /** Messages of the main branch, whole, newest first. */
  messages(): Promise<readonly string[]>;
  /** Of the service, newest first, all finished. */
  deployments(): Promise<readonly DeploymentRecord[]>;
}

export const shown = (message: LabMessage): string => renderMessage(message);
/** Where lines end does not matter. */
const flat = (message: LabMessage): string => shown(message).replaceAll(/\s*\n┃\s*/g, ' ');

/** A house with a GitLab project; the service is defined as `web:1`, and the bot runs. */
export async function openGitlabStage(
  world: World,
  options: Omit<HouseGitlabOptions, 'directory'> & {
    /** Null: none. */
    readonly pipeline?: string | null;
    readonly house?: Partial<HouseOptions>;
  },
): Promise<GitlabStage> {
  const { pipeline = tinyPipeline, house, ...gitlabOptions } = options;
  const stage = await openStage(world, { ...house, gitlab: gitlabOptions });
  const { gitlab, people } = stage;
  if (gitlab === null) throw new Error('this house has no GitLab');
  const { repository } = gitlab.project.state;
  const { state } = gitlab.project;
  const delay = state.pipelineDelay;
  // What the owner pushed before is no part of the stories.
  state.pipelineDelay = 'never';
  if (pipeline !== null) await stage.services.commit({ '.gitlab-ci.yml': pipeline }, 'ci: deploy');
  await stage.define();
  state.pipelineDelay = delay;
  await stage.startBot();
  const lines = async (args: readonly string[], between: string): Promise<readonly string[]> =>
    (await repository.git(args)).split(between).filter((line) => line.trim() !== '');

  return {
    ...stage,
    gitlab,
    async askFor(version) {
      const { reply, card } = await stage.ask('deploy', { version });
      expect(shown(reply)).not.toContain('Nothing to do');
      return card();
    },
    agree: (card) => stage.approve(people.ben, card),
    async refuse(card, reason) {
      const dialogue = await (await people.ben.click(card, 'Reject…')).modal();
      return (await dialogue.submit({ reason })).reply({ within: 60_000 });
    },
    async seen(...texts) {
      const found = await stage.discord.waitFor(
        () =>
          stage
            .channel()
            .map(flat)
            .findLast((card) => texts.every((text) => card.includes(text))) ?? null,
        { what: `a card with ${texts.join(', ')}`, within: 60_000 },
      );
      return found;
    },
    mergeRequest() {
      const last = gitlab.project.state.mergeRequests.at(-1);
      if (last === undefined) throw new Error('there is no merge request');
      return last;
    },
    async branches() {
      const all = await lines(['for-each-ref', '--format=%(refname:short)', 'refs/heads'], '\n');
      return all.filter((name) => name !== 'main');
    },
    messages: () => lines(['log', '--format=%an <%ae>%n%B%x00', 'main'], '\0'),
    async deployments() {
      const look = (): readonly DeploymentRecord[] =>
        storeIn(stage.database).deployments.ofService(stage.service.name, 10);
      await eventually(
        () => look().every(({ finishedAt }) => finishedAt !== null) || null,
        'the end of all of it',
      );
      return look();
    },
  };
}
