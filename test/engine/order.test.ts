import { describe, expect, test } from 'vitest';
import { dependentsOf, waves } from '../../engine/order.ts';
import { planned } from './fixtures.ts';

const names = (groups: ReturnType<typeof waves>): string[][] =>
  groups.map((group) => group.map(({ name }) => name));

describe('waves', () => {
  test('a service comes after everything it depends on', () => {
    const list = [
      planned('app', { dependsOn: ['db', 'cache'] }),
      planned('db'),
      planned('cache', { dependsOn: ['db'] }),
    ];
    expect(names(waves(list))).toEqual([['db'], ['cache'], ['app']]);
  });

  test('services that need nothing of each other share a wave', () => {
    expect(names(waves([planned('a'), planned('b'), planned('c')]))).toEqual([['a', 'b', 'c']]);
  });

  test('a dependency outside the plan counts as met', () => {
    expect(names(waves([planned('app', { dependsOn: ['elsewhere'] })]))).toEqual([['app']]);
  });

  test('what disappears goes last, dependents before what they depend on', () => {
    const list = [
      planned('db', { action: 'delete' }),
      planned('app', { action: 'delete', dependsOn: ['db'] }),
      planned('new', { action: 'add' }),
    ];
    expect(names(waves(list))).toEqual([['new'], ['app'], ['db']]);
  });

  test('a circle that slipped through ends all the same', () => {
    const list = [planned('a', { dependsOn: ['b'] }), planned('b', { dependsOn: ['a'] })];
    expect(names(waves(list))).toEqual([['a', 'b']]);
  });
});

test('dependents are found through other services', () => {
  const list = [
    planned('db'),
    planned('api', { dependsOn: ['db'] }),
    planned('web', { dependsOn: ['api'] }),
    planned('other'),
  ];
  expect([...dependentsOf('db', list)].sort()).toEqual(['api', 'web']);
});
