import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseResultFile } from '../../../schema/index.ts';
import { openCliHouse, type CliHouse } from './cli-house.ts';

/* One house, whose services each belong to one story. */

let house: CliHouse;
beforeAll(async () => {
  house = await openCliHouse();
}, 60_000);
afterAll(() => house.close());

const limit = 60_000;
const result = () => {
  const parsed = parseResultFile(house.file('result.json'), 'result.json');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
};
const only = (names: string) => ({ env: { SENTINEL_SERVICES: names } });

describe('what goes wrong', () => {
  test(
    'a service that does not get healthy is put back inside deploy, with exit code 5',
    { timeout: limit },
    async () => {
      const named = only('back');
      house.define('back', { image: 'web:1', port: 18_082, plain: true });
      expect((await house.run(['deploy', '--no-plan'], named)).exitCode).toBe(0);
      house.define('back', { image: 'crash:1', port: 18_082, plain: true });
      const answer = await house.run(['deploy', '--only', 'containers', '--no-plan'], named);
      expect(answer, answer.out + answer.err).toMatchObject({ exitCode: 5 });
      expect(await house.image('back')).toContain('web:1');
      expect(result()).toMatchObject({ outcome: 'rolled-back', services: { back: 'rolled-back' } });
      expect(answer.out).toContain('back is put back as it was');
    },
  );

  test('a system that is down is exit code 4, and what was deployed stays', { timeout: limit }, async () => {
    const named = only('side');
    house.define('side', { image: 'web:1', port: 18_083 });
    house.systems.pihole.faults.next({
      ...{ method: 'PUT', path: '/config/dns/hosts', cut: 'before' },
      before: () => void house.systems.pihole.down(),
    });
    const answer = await house.run(['deploy', '--no-plan'], named);
    await house.systems.pihole.up();
    expect(answer, answer.out + answer.err).toMatchObject({ exitCode: 4 });
    expect(await house.image('side')).toContain('web:1');
    const repaired = await house.run(['deploy', '--no-plan'], named);
    expect(repaired, repaired.out + repaired.err).toMatchObject({ exitCode: 0 });
  });

  test(
    'verify puts a service that broke later back to its last verified release',
    { timeout: limit },
    async () => {
      const named = only('later');
      house.define('later', { image: 'web:1', port: 18_084, plain: true });
      expect((await house.run(['deploy', '--no-plan'], named)).exitCode).toBe(0);
      house.define('later', { image: 'web:2', port: 18_084, plain: true });
      expect((await house.run(['deploy', '--no-plan'], named)).exitCode).toBe(0);
      const [host] = house.world.hosts;
      const running = (await host!.containers()).find(({ project }) => project === 'later')!;
      expect((await host!.exec(`docker stop ${running.name}`)).exitCode).toBe(0);
      const left = await house.run(['verify', '--no-rollback'], named);
      expect(left, left.out + left.err).toMatchObject({ exitCode: 1 });
      expect(await house.image('later')).toBeUndefined();
      const answer = await house.run(['verify'], named);
      expect(answer, answer.out + answer.err).toMatchObject({ exitCode: 5 });
      expect(await house.image('later')).toContain('web:1');
      expect(result()).toMatchObject({ command: 'verify', services: { later: 'rolled-back' } });
      expect(house.file('report.xml')).toContain('<failure');
    },
  );
});
