import { expect, test } from 'vitest';
import { hostsOfRule, hostsOfText } from '../../../../engine/stages/traefik/host-rule.ts';

test.each([
  ['Host(`a.lan`)', ['a.lan']],
  ['Host("A.Lan")', ['a.lan']],
  ['host(`a.lan`) || HOST(`b.lan`)', ['a.lan', 'b.lan']],
  ['Host(`a.lan`, `b.lan`)', ['a.lan', 'b.lan']],
  ['(Host(`a.lan`) && PathPrefix(`/x`)) || Host(`a.lan`)', ['a.lan']],
  ['Host(`a.lan`) && !Host(`b.lan`)', ['a.lan']],
  ['Host(`a.lan`) && !(Host(`b.lan`) || Path(`/Host(c.lan)`))', ['a.lan']],
  ['!(!Host(`a.lan`))', ['a.lan']],
  ['Header(`X-A`, `Host("a.lan")`)', []],
  ['HostSNI(`a.lan`)', ['a.lan']],
  ['HostRegexp(`.+\\.lan`)', []],
  ['PathPrefix(`/api`)', []],
])('the host names of %s', (rule, hosts) => {
  expect(hostsOfRule(rule)).toEqual(hosts);
});

test('host names are found in text that is not YAML', () => {
  expect(hostsOfText('rule = "Host(`a.lan`) || Host(`b.lan`)"\nrule = "Host(\\"c.lan\\")"')).toEqual([
    'a.lan',
    'b.lan',
    'c.lan',
  ]);
});
