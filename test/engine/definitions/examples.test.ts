import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSource, missingSystems } from '../../../engine/definitions/index.ts';
import { parseBotFile, parseServiceFile } from '../../../schema/index.ts';
import { filesBelow, fleetSource, repository, treeOf } from './support.ts';

describe('the examples', () => {
  test('of a fleet are a repository without a single problem', () => {
    const { fleet, problems } = fleetSource().load(treeOf(filesBelow('examples/homelab')), 'production');
    expect(problems).toEqual([]);
    expect(fleet.services.map(({ name }) => name).sort()).toEqual([
      'glance',
      'grafana',
      'jellyfin',
      'metube',
      'n8n',
      'paperless',
      'prometheus',
    ]);
    expect(Object.keys(fleet.inventory.hosts)).toContain('docker-lxc-bots');
  });
  test('of a single repository are one too', () => {
    const { fleet, problems } = createSource({ repository, layout: 'single' }).load(
      treeOf(filesBelow('examples/single/grafana-homelab')),
      'production',
    );
    expect(problems).toEqual([]);
    expect(fleet.services[0]).toMatchObject({
      name: 'grafana',
      installPath: '/opt/grafana',
      layout: 'single',
    });
  });
  test('ask nothing of a system their sentinel.yml does not name', () => {
    const single = createSource({ repository, layout: 'single' });
    for (const { fleet } of [
      fleetSource().load(treeOf(filesBelow('examples/homelab')), 'production'),
      single.load(treeOf(filesBelow('examples/single/grafana-homelab')), 'production'),
    ]) {
      expect(fleet.services.length).toBeGreaterThan(0);
      expect(missingSystems(fleet.services, fleet.inventory)).toEqual([]);
      // All monitors are in the one widget the dashboard has.
      for (const { tile } of fleet.services) expect(tile?.monitor?.widget ?? 'Services').toBe('Services');
    }
  });
  test('leave out install_path where it is the default', () => {
    const { fleet } = fleetSource().load(treeOf(filesBelow('examples/homelab')), 'production');
    expect(fleet.services.map(({ installPath }) => installPath)).toEqual(
      fleet.services.map(({ name }) => `/opt/${name}`),
    );
    for (const [path, text] of Object.entries(filesBelow('examples/homelab/services')))
      expect([path, text.includes('install_path')]).toEqual([path, false]);
  });
  test('of bot.yml can be read', () => {
    expect(parseBotFile(readFileSync('examples/bot.yml', 'utf8'), 'examples/bot.yml')).toMatchObject({
      ok: true,
    });
  });
  test('name a schema editors can open', () => {
    const files = Object.entries(filesBelow('examples')).filter(([, text]) =>
      text.startsWith('# yaml-language-server:'),
    );
    expect(files).toHaveLength(12);
    for (const [path, text] of files) {
      const named = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1] ?? '';
      const schema = join('examples', dirname(path), named);
      expect([path, existsSync(schema)]).toEqual([path, true]);
      expect(JSON.parse(readFileSync(schema, 'utf8'))).toHaveProperty(
        '$schema',
        'https://json-schema.org/draft/2020-12/schema',
      );
    }
  });
  test('are read as they are, not as a layout would have them', () => {
    const text = readFileSync('examples/single/grafana-homelab/service.yml', 'utf8');
    expect(parseServiceFile(text, 'service.yml')).toMatchObject({ ok: true });
    expect(parseServiceFile(text, 'service.yml', { layout: 'fleet' })).toMatchObject({ ok: false });
  });
});
