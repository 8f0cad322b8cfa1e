import type { HouseGitlab } from '../../house/gitlab.ts';
import { commitsOf, titleOf } from '../../gitlab/git/commits.ts';
import type { RowView, SystemView } from '../../page/view.ts';

type Look = (isOn: boolean) => Promise<SystemView>;
const shown = 6;

/** The last commits of both branches. Git is asked only when a branch has moved. */
export function createGitLook({ project }: Pick<HouseGitlab, 'project'>): Look {
  const { repository, path } = project.state;
  let last: { readonly heads: string; readonly rows: Promise<readonly RowView[]> } | null = null;
  const rows = async (): Promise<readonly RowView[]> => {
    const branches = [...project.state.known.keys()].filter((name) => ['main', 'staging'].includes(name));
    const found = await Promise.all(
      branches.map(async (branch) =>
        (await commitsOf(repository, [`-${shown}`, branch])).map((commit) => ({ branch, commit })),
      ),
    );
    const all = found
      .flat()
      .filter(({ commit }, index, each) => each.findIndex((one) => one.commit.id === commit.id) === index);
    return all
      .toSorted((one, other) => other.commit.committer.at.localeCompare(one.commit.committer.at))
      .slice(0, shown)
      .map(({ branch, commit }) => ({
        ...{ key: commit.id, text: titleOf(commit) },
        detail: `${commit.author.name}, ${branch}, ${commit.id.slice(0, 8)}`,
        tone: 'plain',
      }));
  };
  return async (isOn) => {
    const heads = JSON.stringify([...project.state.known]);
    if (last?.heads !== heads) last = { heads, rows: rows() };
    const asked = last;
    const found = await asked.rows.catch((error: unknown) => {
      if (last === asked) last = null; // or the same failure would be told until a branch moves
      throw error;
    });
    return {
      ...{ id: 'gitlab', name: `GitLab ${path}`, kind: 'git', state: isOn ? 'up' : 'down' },
      empty: isOn ? 'No commit yet.' : 'It does not answer.',
      rows: isOn ? found : [],
    };
  };
}
