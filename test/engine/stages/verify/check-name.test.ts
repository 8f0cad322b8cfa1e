import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../../../engine/problems.ts';
import { checkName } from '../../../../engine/stages/verify/check-name.ts';
import type { DnsSystem } from '../../../../engine/types.ts';
import { calm, checking } from './checking.ts';

const dns: DnsSystem = {
  ...{ provider: 'pihole', url: 'http://192.168.40.53', server: { address: '192.168.40.53', port: 53 } },
  ...{ password: null, key: null, secret: null, ca: null },
};
const name = 'grafana.home.lan';
const wanted = { kind: 'name', name, addresses: ['192.168.40.20'] } as const;

/** How a check goes when the server gives these answers, one after the other and then always the last. */
async function check(
  answers: readonly (readonly string[] | Error)[],
  addresses = wanted.addresses as readonly string[],
) {
  let asked = 0;
  const world = checking(
    { dns },
    {
      resolve: () => {
        const answer = answers[Math.min(asked, answers.length - 1)] ?? [];
        asked += 1;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
  );
  const result = await checkName({ ...wanted, addresses }, world.context, calm);
  return { result, passed: world.passed() };
}
const problemOf = async (...answers: readonly (readonly string[] | Error)[]) => {
  const { result } = await check(answers);
  return result.ok ? null : result.problem;
};

describe('a name', () => {
  test('that answers exactly what is wanted is proven at once', async () => {
    expect(await check([['192.168.40.20']])).toEqual({
      result: { ok: true, did: [`${name} resolves to 192.168.40.20`] },
      passed: 0,
    });
  });
  test('is the same in any order and however an address is written', async () => {
    const { result } = await check([['fd00:0::1', '10.0.0.1']], ['10.0.0.1', 'FD00::1']);
    expect(result.ok).toBe(true);
  });
  test('is given five seconds to arrive', async () => {
    expect((await check([[], [], ['192.168.40.20']])).result.ok).toBe(true);
    const { result, passed } = await check([[]]);
    expect(result).toMatchObject({ ok: false, touched: false, problem: { code: 'dns-wrong' } });
    expect(passed).toBe(5_000);
  });
  test('the server does not know is said so', async () => {
    expect(await problemOf([])).toMatchObject({
      message: `Pi-hole at 192.168.40.53 does not know the name for ${name}, expected 192.168.40.20.`,
      hint: expect.stringContaining('blocks') as string,
    });
  });
  test('that is blocked is told from one with another record', async () => {
    expect((await problemOf(['0.0.0.0']))?.hint).toMatch(/block list/);
    const other = await problemOf(['192.168.40.20', '192.168.40.77']);
    expect(other?.message).toContain('answers 192.168.40.20, 192.168.40.77');
    expect(other?.hint).toMatch(/DHCP lease.*192\.168\.40\.77/);
  });
  test('of a server that does not answer fails with what the server says, if it goes on', async () => {
    const lost = new ProblemError({ code: 'system-unreachable', message: 'Pi-hole did not answer.' });
    expect((await check([lost, ['192.168.40.20']])).result.ok).toBe(true);
    expect(await problemOf(lost)).toMatchObject({ code: 'system-unreachable' });
  });
  test('ends when it is stopped', async () => {
    const { context } = checking({ dns });
    expect(await checkName(wanted, context, AbortSignal.abort())).toMatchObject({
      ...{ ok: false, problem: { code: 'cancelled' } },
    });
  });
  test('cannot be looked up where no server is named', async () => {
    const { context } = checking({});
    expect(await checkName(wanted, context, calm)).toMatchObject({
      ok: false,
      problem: { code: 'dns-wrong' },
    });
  });
});
