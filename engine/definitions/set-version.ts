import { isMap, isScalar, parseDocument } from 'yaml';
import type { CommitDraft, Tree } from '../ports.ts';
import type { Problem } from '../problems.ts';
import type { Layout, Result } from '../types.ts';
import { parseImage, tagPattern } from './image-reference.ts';
import type { DefinitionFiles } from './layout.ts';
import { changedFiles, replaceWhole, scalarAt, type TextEdit, type Written } from './text-edits.ts';

export interface VersionChange {
  readonly tree: Tree;
  readonly layout: Layout;
  readonly files: DefinitionFiles;
  readonly version: string;
}

/** The smallest edits that set the image's tag; everything else stays as it was, byte for byte. */
export function setVersion(change: VersionChange): Result<CommitDraft['files']> {
  const { version, files } = change;
  if (!tagPattern.test(version))
    return unclear(`${version} is not a tag an image can have`, files.file, 'give a tag such as 10.3.0');
  const found = findTag(change);
  if (!found.ok) return found;
  const edits = [...found.value.edits, ...versionField(change, found.value.tag)];
  return { ok: true, value: changedFiles(change.tree, edits) };
}

interface FoundTag {
  readonly tag: string | null;
  readonly edits: readonly TextEdit[];
}

function findTag(change: VersionChange): Result<FoundTag> {
  const { tree, layout, files, version } = change;
  const path = layout === 'fleet' ? files.file : (files.uploads['docker-compose.yml'] ?? files.file);
  const keys = layout === 'fleet' ? ['deployment', 'image'] : imageKeys(change, path);
  if (keys === null)
    return unclear(
      'several containers are defined and none has the name of the service',
      path,
      'change the image in the file',
    );
  const written = scalarAt(tree.read(path) ?? '', keys);
  if (written === null)
    return unclear(
      `${keys.join('.')} is not written out there`,
      path,
      'write the image out instead of using an alias, or change it in the file',
    );
  if (written.value.includes('$')) return variableTag(change, { path, written });
  const { name, tag } = parseImage(written.value);
  const from = written.from + name.length;
  const to = written.from + written.value.length;
  return { ok: true, value: { tag, edits: [{ path, from, to, text: `:${version}` }] } };
}

/** In the single layout: the container named like the service, or the only one. */
function imageKeys({ tree, files }: VersionChange, path: string): readonly string[] | null {
  const services = parseDocument(tree.read(path) ?? '').get('services');
  const names = isMap(services)
    ? services.items.map(({ key }) => (isScalar(key) ? String(key.value) : ''))
    : [];
  const service = scalarAt(tree.read(files.file) ?? '', ['service', 'name'])?.value ?? '';
  const chosen = names.length === 1 ? names[0] : names.find((name) => name === service);
  return chosen === undefined ? null : ['services', chosen, 'image'];
}

/** `grafana:${GRAFANA_VERSION:-10.2.3}`: the variable's value in the definition, or else the default. */
function variableTag(
  { tree, files, version }: VersionChange,
  { path, written }: { readonly path: string; readonly written: Written },
): Result<FoundTag> {
  const match = /^(?<image>[^$]+:)\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::?-(?<fallback>[^${}]*))?\}$/.exec(
    written.value,
  );
  const { image = '', name = '', fallback } = match?.groups ?? {};
  if (match === null)
    return unclear(
      `the tag of ${written.value} is put together from variables`,
      path,
      'change it in the file',
    );
  const own = scalarAt(tree.read(files.file) ?? '', ['deployment', 'environment', name]);
  if (own !== null)
    return { ok: true, value: { tag: own.value, edits: [replaceWhole(files.file, own, version)] } };
  if (fallback === undefined)
    return unclear(
      `nothing in the definition sets ${name}, the tag of ${written.value}`,
      path,
      `add ${name} to deployment.environment`,
    );
  const from = written.from + image.length + written.value.slice(image.length).indexOf('-') + 1;
  return {
    ok: true,
    value: { tag: fallback, edits: [{ path, from, to: from + fallback.length, text: version }] },
  };
}

/** `service.version` is for people; where it said the old tag, it says the new one. */
function versionField({ tree, files, version }: VersionChange, tag: string | null): readonly TextEdit[] {
  const field = scalarAt(tree.read(files.file) ?? '', ['service', 'version']);
  if (field === null || tag === null || field.value !== tag) return [];
  return [replaceWhole(files.file, field, version.split('@')[0] ?? version)];
}

function unclear(
  message: string,
  where: string,
  hint: string,
): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [{ code: 'version-unclear', message, where, hint }] };
}
