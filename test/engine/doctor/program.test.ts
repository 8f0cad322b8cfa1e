import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { programChecks } from '../../../engine/doctor/index.ts';
import { idle } from '../providers/git/scratch.ts';

async function on(node: string) {
  const [itself] = programChecks({ version: '1.2.3', node, env: {}, now: () => new Date() });
  const [finding] = await itself!.look(idle());
  return finding!;
}

test('Node.js has to be what package.json says, to the minor version', async () => {
  const said = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  const oldest = said.engines.node.replace('>=', '');
  const [major, minor] = oldest.split('.').map(Number);
  expect(await on(`v${oldest}.0`)).toMatchObject({ state: 'good' });
  expect(await on(`v${major! + 1}.0.0`)).toMatchObject({ state: 'good' });
  expect(await on(`v${major}.${minor! - 1}.9`)).toMatchObject({
    state: 'wrong',
    mend: `Install Node.js ${oldest} or newer.`,
  });
  expect(await on('v18.20.0')).toMatchObject({ state: 'wrong' });
});
