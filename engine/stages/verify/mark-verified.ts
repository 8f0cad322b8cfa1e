import type { RemoteHost } from '../../ports.ts';

/** $1: the moment. Standard input: install paths. Notes in the record of the current release that it was proven to work. */
const markScript = `
umask 077
at=$1
while IFS= read -r path; do
  current=
  [ -f "$path/.sentinel/current" ] && read -r current < "$path/.sentinel/current"
  file=$path/.sentinel/releases/$current/release.json
  [ -n "$current" ] && [ -f "$file" ] || continue
  sed "s/\\"verifiedAt\\":null/\\"verifiedAt\\":\\"$at\\"/" "$file" > "$file.new" && mv -f "$file.new" "$file"
done
`;

export async function markVerified(
  host: RemoteHost,
  paths: readonly string[],
  at: Date,
  signal: AbortSignal,
): Promise<void> {
  if (paths.length === 0) return;
  const stdin = paths.map((path) => `${path}\n`).join('');
  await host.run({ script: markScript, args: [at.toISOString()], stdin }, signal);
}
