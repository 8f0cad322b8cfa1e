import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ask } from '../../../engine/cli/ask.ts';
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

describe('hosts', () => {
  const named = only('busy');
  const lockOf = (path: string): string =>
    `mkdir -p ${path}/.sentinel && echo '{"id":"d-other","who":"ana","reason":"p-123"}' > ${path}/.sentinel/lock`;

  test('somebody else works on are left alone, and who it is is told', { timeout: limit }, async () => {
    house.define('busy', { image: 'web:1', port: 18_086, plain: true });
    const [host] = house.world.hosts;
    const path = `${host!.installRoot}/busy`;
    await host!.exec(lockOf(path));
    const held = await house.run(['deploy', '--no-plan', '--wait', '0'], named);
    expect(held, held.out + held.err).toMatchObject({ exitCode: 1 });
    expect(held.out).toContain('is being worked on by ana (p-123)');
    expect(await house.image('busy')).toBeUndefined();
    const waiting = house.run(['deploy', '--no-plan', '--wait', '60'], named);
    await host!.exec(`rm ${path}/.sentinel/lock`);
    expect((await waiting).exitCode).toBe(0);
    expect(house.hostFile('busy', '.sentinel/lock')).toBeNull();
  });

  test('what is stopped half-way is undone, and that is said', { timeout: limit }, async () => {
    const stopping = only('stop');
    house.define('stop', { image: 'web:1', port: 18_087, plain: true });
    const stop = new AbortController();
    const answer = await house.run(['deploy', '--no-plan'], {
      ...stopping,
      out: (text) => {
        if (/^.*✓ deploy stop/.test(text)) stop.abort();
      },
      signal: stop.signal,
    });
    expect(answer, answer.err).toMatchObject({ exitCode: 5 });
    expect(result()).toMatchObject({ outcome: 'cancelled', services: { stop: 'cancelled' } });
    expect(await house.image('stop')).toBeUndefined();
    expect(house.hostFile('stop', '.sentinel/lock')).toBeNull();
  });
});

describe('by hand', () => {
  const laptop = (names: string) => ({ env: { SENTINEL_SERVICES: names, CI: '', SENTINEL_PLAN_DIGEST: '' } });

  test('asks before it acts, and goes back when told to', { timeout: limit }, async () => {
    const named = laptop('hand');
    house.define('hand', { image: 'web:1', port: 18_085, plain: true });
    const questions: string[] = [];
    const say = (answer: boolean): Ask => ({
      confirm(question) {
        questions.push(question);
        return Promise.resolve(answer);
      },
      text: () => Promise.reject(new Error('nothing else is asked')),
      choose: () => Promise.reject(new Error('nothing else is asked')),
    });
    const nobody = await house.run(['deploy', '--no-plan'], named);
    expect(nobody.exitCode).toBe(2);
    expect(nobody.err).toContain('--yes');
    const no = await house.run(['deploy', '--no-plan'], { ...named, ask: say(false) });
    expect(no.exitCode).toBe(3);
    expect(await house.image('hand')).toBeUndefined();
    const yes = await house.run(['deploy', '--no-plan'], { ...named, ask: say(true) });
    expect(yes, yes.out + yes.err).toMatchObject({ exitCode: 0 });
    expect(questions).toEqual(['Go ahead?', 'Go ahead?']);
    house.define('hand', { image: 'web:2', port: 18_085, plain: true });
    expect((await house.run(['deploy', '--no-plan', '--yes'], named)).exitCode).toBe(0);
    expect(await house.image('hand')).toContain('web:2');
    const status = await house.run(['status', '--json'], named);
    expect(JSON.parse(status.out)).toMatchObject({
      services: [{ service: 'hand', desired: { state: 'good' } }],
    });
    const back = await house.run(['rollback', 'hand', '--yes'], named);
    expect(back, back.out + back.err).toMatchObject({ exitCode: 0 });
    expect(await house.image('hand')).toContain('web:1');
    expect(back.err).toContain('Git still says otherwise');
    const off = await house.run(['status'], named);
    expect(off.exitCode).toBe(1);
    expect(off.out).toMatch(/✗ {2}hand .*image/);
  });
});

describe('a rollback job', () => {
  test(
    'undoes what its own commit deployed, and leaves everything else as it is',
    { timeout: limit },
    async () => {
      const first = house.define('keep', { image: 'web:1', port: 18_090, plain: true });
      const job = (before: string, source: string) => ({
        env: { CI_COMMIT_BEFORE_SHA: before, CI_PIPELINE_SOURCE: source },
      });
      const pipeline = async (given: ReturnType<typeof job>): Promise<void> => {
        for (const command of [['detect'], ['plan'], ['deploy', '--only', 'containers']]) {
          const done = await house.run(command, given);
          expect(done, done.out + done.err).toMatchObject({ exitCode: 0 });
        }
      };
      await pipeline(job(house.owner.git('rev-parse', `${first}^`), 'push'));
      house.define('fresh', { image: 'web:1', port: 18_091, plain: true });
      await pipeline(job(first, 'push'));
      const added = await house.run(['rollback', '--yes'], job(first, 'push'));
      expect(added, added.out + added.err).toMatchObject({ exitCode: 0 });
      expect(await house.image('fresh')).toBeUndefined();
      expect(await house.image('keep')).toContain('web:1');
      const everything = job(first, 'web');
      expect((await house.run(['detect'], everything)).exitCode).toBe(0);
      const nothing = await house.run(['rollback', '--yes'], everything);
      expect(nothing, nothing.out + nothing.err).toMatchObject({ exitCode: 0 });
      expect(nothing.out).toContain('keep stays: what runs is not from this pipeline.');
      expect(await house.image('keep')).toContain('web:1');
    },
  );
});
