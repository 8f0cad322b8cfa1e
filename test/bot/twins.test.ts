import { expect, test } from 'vitest';
import { withoutTwins } from '../../bot/twins.ts';

const named = (name: string, group: string | null = null) => ({ name, group });
const logged = () => {
  const lines: unknown[] = [];
  return { lines, error: (fields: unknown) => void lines.push(fields) };
};

test('two projects of groups whose names meet: the first one counts, the other is left out and told', () => {
  const log = logged();
  const all = [named('media-jellyfin', 'apps'), named('media-jellyfin', 'other'), named('grafana', 'apps')];
  expect(withoutTwins(all, log)).toEqual([all[0], all[2]]);
  expect(log.lines).toEqual([{ group: 'other', name: 'media-jellyfin' }]);
});

test('a project of a group does not take the name of one that bot.yml names, whatever comes first', () => {
  const all = [named('homelab', 'apps'), named('homelab')];
  expect(withoutTwins(all, logged())).toEqual([all[1]]);
});

test('a name that bot.yml gives twice is a mistake to be corrected there', () => {
  expect(() => withoutTwins([named('homelab'), named('homelab')], logged())).toThrow(
    'Two repositories are called homelab.',
  );
});
