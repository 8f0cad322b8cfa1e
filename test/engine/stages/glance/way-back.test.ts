import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Service, StepOf } from '../../../../engine/index.ts';
import type { RemoteHost } from '../../../../engine/ports.ts';
import { ProblemError } from '../../../../engine/problems.ts';
import { present } from '../support/play.ts';
import { tutorial } from './dashboards.ts';
import { createDashboard, type Dashboard, machineOf, shown, silentPlay, stageOf, undone } from './house.ts';

let house: Dashboard;
let pages: Dashboard;
const home = tutorial.slice(tutorial.indexOf('  - name: Home'), tutorial.indexOf('  # second'));
const main = 'pages:\n  - $include: home.yml\n  - $include: sites.yml\n';
const monitorAt = home.indexOf('          - type: monitor');
const firstPage = home.slice(0, monitorAt).replace(/^ {2}/gm, '');
const sites = `- name: Sites
  columns:
    - size: full
      widgets:
        - type: monitor
          title: Services
          sites:
            - title: Far
              url: https://far.lan
`;

beforeAll(async () => {
  house = await createDashboard({ text: tutorial });
  pages = await createDashboard({ text: main, more: { 'home.yml': firstPage, 'sites.yml': sites } });
});
afterAll(async () => {
  await house.close();
  await pages.close();
});
beforeEach(async () => {
  house.write(tutorial);
  pages.write(firstPage, 'home.yml');
  pages.write(sites, 'sites.yml');
  await house.play.host.exec('docker start glance');
});

const grafana = present(shown('grafana'));
const codes = (code: string, touched: boolean) => [
  { ok: false, touched, problem: { code } },
  { ok: false, touched, problem: { code } },
];
const isWriting = ({ script }: Parameters<RemoteHost['run']>[0]): boolean => script.includes('flock');
const lost = (): never => {
  throw new ProblemError({ code: 'host-unreachable', message: 'The connection was lost.' });
};
const valuesOf = (results: object): readonly unknown[] => Object.values(results);

describe('the way back', () => {
  let steps: readonly StepOf<'glance'>[];
  beforeEach(async () => {
    steps = (await house.deploy([grafana])).map(undone);
  });

  test('keeps what it put back when Glance does not come up', async () => {
    const results = await stageOf(silentPlay(house.play), house.system).ensure(steps, [grafana], 'unwind');
    expect(valuesOf(results)).toMatchObject(codes('dashboard-invalid', true));
    expect(JSON.stringify(results)).toContain('as they were before the deployment');
    expect(await house.read()).toBe(tutorial);
  });

  test('does not need a Glance that runs, and says that it was not asked', async () => {
    await house.play.host.exec('docker stop glance');
    const results = await house.ensure(steps, [grafana], 'unwind');
    expect(valuesOf(results)).toMatchObject([{ ok: true }, { ok: true }]);
    expect(JSON.stringify(results)).toContain('Glance does not run, so it was not asked');
    expect(await house.read()).toBe(tutorial);
  });

  test('does not need a Glance that exists, and starts none', async () => {
    const system = { ...house.system, container: 'glance-of-old', reload: 'restart' as const };
    const results = await stageOf(house.play, system).ensure(steps, [grafana], 'unwind');
    expect(valuesOf(results)).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await house.read()).toBe(tutorial);
  });

  test('puts back what Glance does not accept, does not restart it with that, and says so', async () => {
    const spoilt = (text: string) => text.replace('type: calendar', 'type: calender');
    house.write(spoilt(await house.read()));
    const started = async () =>
      (await house.play.host.exec("docker inspect -f '{{.State.StartedAt}}' glance")).stdout;
    const before = await started();
    const system = { ...house.system, reload: 'restart' as const };
    const results = await stageOf(house.play, system).ensure(steps, [grafana], 'unwind');
    expect(valuesOf(results)).toMatchObject(codes('dashboard-invalid', true));
    expect(JSON.stringify(results)).toContain('unknown widget type');
    expect(JSON.stringify(results)).not.toContain('nothing was written');
    expect(await house.read()).toBe(spoilt(tutorial));
    expect(await started()).toBe(before);
  });

  test('does not need the check, when that cannot be run', async () => {
    const play = machineOf(house.play, (run) => (command, signal) => {
      if (command.script.includes('config:validate'))
        return Promise.resolve({ exitCode: 1, stdout: '', stderr: 'no space left on device' });
      return run(command, signal);
    });
    const results = await stageOf(play, house.system).ensure(steps, [grafana], 'unwind');
    expect(valuesOf(results)).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await house.read()).toBe(tutorial);
  });

  test('is done when only the answer to the write was lost', async () => {
    const play = machineOf(house.play, (run) => async (command, signal) => {
      const result = await run(command, signal);
      return isWriting(command) ? lost() : result;
    });
    const results = await stageOf(play, house.system).ensure(steps, [grafana], 'unwind');
    expect(valuesOf(results)).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await house.read()).toBe(tutorial);
  });
});

describe('lines that are no longer kept', () => {
  const byHand = async (): Promise<string> => {
    await house.deploy([grafana]);
    const edited = (await house.read()).replace(/^( *)(url: https:\/\/grafana.*)$/m, '$1$2 # by hand');
    house.write(edited);
    return edited;
  };
  const bookmark = (): Service => shown('grafana', { monitor: null });

  test.each([
    ['gone', (file: string) => `rm ${file}`],
    ['cut short', (file: string) => `printf '%s' '- title: graf' > ${file}`],
  ])('because they are %s are not put back, which is said, and the file stays as it is', async (_, spoil) => {
    await byHand();
    const steps = await house.deploy([present(bookmark())]);
    const [step] = steps.filter(({ before }) => before?.kind === 'bookmark');
    const written = await house.read();
    await house.play.host.exec(
      spoil(`${house.play.entry.installRoot}/.sentinel/kept/${step?.before?.content ?? ''}`),
    );
    const results = await house.ensure([undone(step!)], [present(bookmark())], 'unwind');
    expect(valuesOf(results)).toMatchObject([{ ok: false, touched: false, problem: { code: 'conflict' } }]);
    expect(JSON.stringify(results)).toContain("The lines of grafana's bookmark are no longer kept");
    expect(await house.read()).toBe(written);
  });
});

describe('a write that ends badly', () => {
  const wishing = present(shown('grafana'));

  test('before anything was written has touched nothing', async () => {
    const { steps } = await house.survey([wishing]);
    const play = machineOf(
      house.play,
      (run) => (command, signal) =>
        isWriting(command) ? Promise.reject(new Error('no connection')) : run(command, signal),
    );
    const results = await stageOf(play, house.system).ensure(steps, [wishing]);
    expect(valuesOf(results)).toMatchObject(codes('unexpected', false));
    expect(await house.read()).toBe(tutorial);
  });

  test('after the file was written is put back', async () => {
    const { steps } = await house.survey([wishing]);
    let writes = 0;
    const play = machineOf(house.play, (run) => async (command, signal) => {
      const result = await run(command, signal);
      return isWriting(command) && (writes += 1) === 1 ? lost() : result;
    });
    const results = await stageOf(play, house.system).ensure(steps, [wishing]);
    expect(valuesOf(results)).toMatchObject(codes('host-unreachable', false));
    expect(await house.read()).toBe(tutorial);
  });

  test('and cannot be put back is said to have touched the file', async () => {
    const { steps } = await house.survey([wishing]);
    let writes = 0;
    const play = machineOf(house.play, (run) => async (command, signal) => {
      if (isWriting(command) && (writes += 1) > 1) return lost();
      const result = await run(command, signal);
      return isWriting(command) ? lost() : result;
    });
    const results = await stageOf(play, house.system).ensure(steps, [wishing]);
    expect(valuesOf(results)).toMatchObject(codes('host-unreachable', true));
    expect(JSON.stringify(results)).toContain('could not be put back');
    expect(await house.read()).not.toBe(tutorial);
  });

  test('with nobody to ask what became of it may have touched the file', async () => {
    const { steps } = await house.survey([wishing]);
    let isLost = false;
    const play = machineOf(house.play, (run) => async (command, signal) => {
      if (isLost) return lost();
      const result = await run(command, signal);
      isLost = isWriting(command);
      return isLost ? lost() : result;
    });
    const results = await stageOf(play, house.system).ensure(steps, [wishing]);
    expect(valuesOf(results)).toMatchObject(codes('host-unreachable', true));
    expect(JSON.stringify(results)).toContain('not known');
  });

  test('by the deployment being stopped is put back all the same', async () => {
    const { steps } = await house.survey([wishing]);
    let writes = 0;
    const play = machineOf(house.play, (run) => async (command, signal) => {
      const result = await run(command, signal);
      if (isWriting(command) && (writes += 1) === 1) throw new DOMException('stopped', 'AbortError');
      return result;
    });
    const results = await stageOf(play, house.system).ensure(steps, [wishing]);
    expect(valuesOf(results)).toMatchObject(codes('cancelled', false));
    expect(await house.read()).toBe(tutorial);
  });

  test('at the second of two files has the first put back', async () => {
    const { tile } = shown('grafana');
    const twoFiles = [
      present(shown('grafana', { monitor: null })),
      present({
        ...shown('wiki'),
        tile: { page: 'Sites', bookmark: null, monitor: tile?.monitor ?? null },
      }),
    ];
    const { steps, problems, risks } = await pages.survey(twoFiles);
    expect({ problems, risks }).toEqual({ problems: [], risks: [] });
    expect(new Set(steps.map(({ after }) => after?.file)).size).toBe(2);
    const play = machineOf(pages.play, (run) => async (command, signal) => {
      if (!isWriting(command)) return run(command, signal);
      const [first = '', ...more] = String(command.stdin ?? '').split(/(?<=^[wr].*\n)(?=p )/m);
      if (more.length === 0) return run(command, signal);
      // The first is written, then it fails.
      const result = await run({ ...command, stdin: first }, signal);
      return { ...result, exitCode: 1, stderr: 'sites.yml: could not be written' };
    });
    const results = await stageOf(play, pages.system).ensure(steps, twoFiles);
    expect(valuesOf(results)).toMatchObject(codes('command-failed', false));
    expect(await pages.read('home.yml')).toBe(firstPage);
    expect(await pages.read('sites.yml')).toBe(sites);
  });
});
