import { isUtf8 } from 'node:buffer';
import { failureOf } from '../deploy/classify.ts';
import type { RemoteHost } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import { keptDirectory } from './kept.ts';

export interface Reading {
  /** Files, absolute. */
  readonly files?: readonly string[];
  /** Directories read with everything below, absolute; only files whose names end in one of `endings`. */
  readonly directories?: readonly string[];
  /** With their dots: `.yml`. Any letter case. */
  readonly endings?: readonly string[];
}

export interface HostTexts {
  /** By path; what does not exist is not in the map. */
  readonly texts: ReadonlyMap<string, string>;
  /**
   * Paths of files that are no text in UTF-8. What `texts` has for them is not what is in them, and its hash is not
   * theirs: they are nobody's to change, and cannot be written back.
   */
  readonly notText: ReadonlySet<string>;
}

/** Texts of files by path, in one round trip; what does not exist is not in the map. Throws ProblemError. */
export async function readHostFiles(
  host: RemoteHost,
  reading: Reading,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  return (await readHostTexts(host, reading, signal)).texts;
}

/** As `readHostFiles`, and tells which of the files are no text. */
export async function readHostTexts(
  host: RemoteHost,
  { files = [], directories = [], endings = [] }: Reading,
  signal: AbortSignal,
): Promise<HostTexts> {
  const lines = [
    ...endings.map((ending) => `e ${ending}`),
    ...files.map((path) => `f ${path}`),
    ...directories.map((path) => `d ${path}`),
  ];
  const stdin = lines.map((line) => `${line}\n`).join('');
  const result = await host.run({ script: readScript, stdin }, signal);
  // What was read before it failed is nobody's business: files of other programs may hold secrets.
  if (result.exitCode !== 0)
    throw new ProblemError(
      failureOf({ host: host.entry.name, command: 'read files' }, { ...result, stdout: '' }),
    );
  return parseFiles(result.stdout);
}

/** Texts kept under their hashes when files were replaced; those that are gone by now are not in the map. */
export async function readKept(
  host: RemoteHost,
  hashes: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (hashes.length === 0) return new Map();
  const directory = keptDirectory(host.entry);
  const found = await readHostFiles(host, { files: hashes.map((hash) => `${directory}/${hash}`) }, signal);
  return new Map([...found].map(([path, text]) => [path.slice(directory.length + 1), text]));
}

/** One line with the path and one with the content in base64, for each file. */
function parseFiles(output: string): HostTexts {
  const lines = output.split('\n');
  const texts = new Map<string, string>();
  const notText = new Set<string>();
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const path = lines[i] ?? '';
    const content = Buffer.from(lines[i + 1] ?? '', 'base64');
    texts.set(path, content.toString('utf8'));
    if (!isUtf8(content) || content.includes(0)) notText.add(path);
  }
  return { texts, notText };
}

const readScript = `
show() {
  [ -f "$1" ] || return 0
  [ -r "$1" ] || { printf '%s: not readable\\n' "$1" >&2; exit 1; }
  content=$(base64 < "$1") || { [ -f "$1" ] || return 0; printf '%s: could not be read\\n' "$1" >&2; exit 1; }
  printf '%s\\n' "$1"
  printf '%s' "$content" | tr -d '\\n'
  printf '\\n'
}
wanted() {
  name=$(printf '%s' "\${1##*/}" | tr '[:upper:]' '[:lower:]')
  while IFS= read -r ending; do
    [ -z "$ending" ] && continue
    case $name in *"$ending") return 0 ;; esac
  done <<ENDINGS
$endings
ENDINGS
  return 1
}
endings=
while IFS= read -r line; do
  path=\${line#? }
  case $line in
    'e '*) endings="$endings$path
" ;;
    'f '*) show "$path" ;;
    'd '*) [ -d "$path" ] || continue
      find -L "$path" -type f 2>/dev/null | LC_ALL=C sort | while IFS= read -r file; do
        if wanted "$file"; then show "$file"; fi
      done || exit 1 ;;
  esac
done
exit 0`;
