import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const { packages } = read('package-lock.json') as { packages: Readonly<Record<string, Locked>> };
const declared = read('package.json') as Locked;

test('the lock file names every package for every platform, without which a clean install refuses to begin', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !placesOf(path, name).some((place) => packages[place]?.version !== undefined))
      .map((name) => `${path} → ${name}`),
  );
  expect(missing).toEqual([]);
});

test('the lock file and package.json ask for the same packages, at exact versions', () => {
  const { dependencies = {}, devDependencies = {} } = declared;
  expect(packages['']).toMatchObject({ dependencies, devDependencies });
  const loose = Object.values({ ...dependencies, ...devDependencies }).filter(
    (version) => !/^\d/.test(version),
  );
  expect(loose).toEqual([]);
});

/** Where Node would look for a package from the place of another one. */
function placesOf(path: string, name: string): readonly string[] {
  const folders = path
    .split('/node_modules/')
    .map((_part, index, parts) => parts.slice(0, index + 1).join('/node_modules/'));
  return [...folders.map((folder) => `${folder}/node_modules/${name}`), `node_modules/${name}`];
}
