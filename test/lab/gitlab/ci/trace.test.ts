import { afterEach, describe, expect, test } from 'vitest';
import { type CiWorld, createCiWorld, unable } from './ci-world.ts';

const worlds: CiWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

describe.skipIf(unable !== '')(`a job’s log${unable}`, () => {
  test('has the runner’s lines around what the job wrote, untouched', async () => {
    const world = await createCiWorld();
    worlds.push(world);
    await world.push({
      '.gitlab-ci.yml': `
default: { before_script: [echo before] }
good:
  script:
    - printf 'section_start:1:plan[collapsed=true]\\r\\033[0K\\033[32mPlan\\033[0m\\n'
    - printf 'section_end:1:plan\\r\\033[0K\\n'
    - |
      echo one
      echo two >&2
  after_script: ['echo "after $CI_JOB_STATUS"']
bad: { script: [echo no, 'sh -c "exit 7"', echo never] }
slow: { script: [sleep 60], timeout: 1 second }
`,
    });
    const { id } = await world.run();
    await world.until(id, 'failed');
    const good = world.ci.trace(world.job(id, 'good').id);
    expect(good.startsWith('\u001b[0KRunning with gitlab-runner ')).toBe(true);
    expect(good).toContain('\u001b[32;1m$ echo before\u001b[0;m\nbefore\n');
    expect(good).toContain('section_start:1:plan[collapsed=true]\r\u001b[0K\u001b[32mPlan\u001b[0m\n');
    expect(good).toContain('section_end:1:plan\r\u001b[0K\n');
    expect(good).toContain('$ echo one # collapsed multi-line command\u001b[0;m\none\ntwo\n');
    expect(good).toContain('after success\n');
    expect(good.endsWith('\u001b[32;1mJob succeeded\u001b[0;m\n')).toBe(true);
    const bad = world.ci.trace(world.job(id, 'bad').id);
    expect(bad).toMatch(/\nno\n/);
    expect(bad).not.toMatch(/\nnever\n/);
    expect(bad.endsWith('\u001b[31;1mERROR: Job failed: exit code 7\u001b[0;m\n')).toBe(true);
    expect(world.job(id, 'slow')).toMatchObject({ status: 'failed', failure: 'job_execution_timeout' });
    expect(world.ci.trace(4711)).toBe('');
  });
});
