import { posix } from 'node:path';
import type { RemoteHost } from '../../ports.ts';
import { type Problem, ProblemError } from '../../problems.ts';
import type { GlanceSystem } from '../../types.ts';
import { failureOf } from '../deploy/classify.ts';
import { expanded, type Sources } from './compose.ts';
import { faultOf } from './fault-of.ts';

/** What Glance says of a configuration; `stopped`: it does not run, so there was nobody to ask. */
export interface Verdict {
  readonly kind: 'valid' | 'invalid' | 'stopped';
  readonly words: string;
}

/** Has Glance itself read a configuration before it is put in place. Throws ProblemError where it cannot be asked. */
export async function checkConfiguration(
  host: RemoteHost,
  { system, sources }: { readonly system: GlanceSystem; readonly sources: Sources },
  signal: AbortSignal,
): Promise<Verdict> {
  const { container, config } = system;
  if (container === null) return { kind: 'valid', words: '' };
  const inside = posix.dirname(system.configInside);
  const files = [...sources.texts.keys()];
  const args = [config, inside, container, host.entry.docker.command, ...files];
  // Includes are put in place already, so that one file beside the main one says all that will be there.
  const result = await host.run({ script: checkScript, args, stdin: expanded(sources) }, signal);
  if (result.exitCode !== 0)
    throw new ProblemError(failureOf({ host: host.entry.name, command: 'check' }, result));
  const [verdict = '', ...words] = result.stdout.split('\n');
  const kind = verdict === 'valid' || verdict === 'stopped' ? verdict : 'invalid';
  return { kind, words: words.join('\n').trim() };
}

/** Why nothing is written. */
export function refusal(system: GlanceSystem, { kind, words }: Verdict): Problem {
  const { config, configInside, host } = system;
  const container = system.container ?? '';
  if (kind === 'stopped')
    return {
      code: 'container-not-running',
      message: `Glance's container ${container} does not run, so its configuration could not be checked and nothing was written.`,
      where: host,
      hint: `See \`docker logs ${container}\` on ${host}, start it with \`docker start ${container}\` (or correct systems.glance.container in sentinel.yml), then deploy again to have the entry added.`,
    };
  return {
    code: 'dashboard-invalid',
    message: `Glance would not accept ${config} with the change, so nothing was written: ${faultOf(words)}.`,
    where: host,
    hint: `See all it says with \`docker exec ${container} /app/glance --config ${configInside} config:validate\`: the fault may have been there before.`,
  };
}

/** It is put back all the same, since it is what was there. */
export function refusedBack({ config, host }: GlanceSystem, { words }: Verdict): Problem {
  return {
    code: 'dashboard-invalid',
    message: `Glance does not accept ${config}, in which Sentinel's entries are as they were before the deployment: ${faultOf(words)}.`,
    where: host,
    hint: 'Correct what it names: it keeps what it has read until it is restarted, and would not start with this.',
  };
}

/**
 * $1 main file, $2 its folder in the container, $3 the container, $4 the docker command, standard input the whole
 * configuration, from $5 on all files it comes from: what it says is seen by nobody who may not read each of them. A file mounted by itself has no neighbours in the container, so there Glance reads a stream.
 */
const checkScript = `
set -u
umask 077
main=$1 inside=$2 container=$3 docker=$4
shift 4
running=$("$docker" inspect -f '{{.State.Running}}' "$container" 2>&1) || { printf 'stopped\\n%s\\n' "$running"; exit 0; }
[ "$running" = true ] || { printf 'stopped\\n'; exit 0; }
find "\${main%/*}/" -maxdepth 1 -type f -name "\${main##*/}.sentinel.check.*" -mmin +60 -exec rm -f -- {} + 2> /dev/null
beside=
trap 'rm -f -- "$beside"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
beside=$(mktemp -- "$main.sentinel.check.XXXXXX") || exit 1
mode=0666
for file in "$@"; do
  one=$(stat -L -c %a -- "$file" 2> /dev/null) || continue
  mode=$((mode & 0$one))
done
chown "$(stat -L -c %u:%g -- "$main")" "$beside" 2> /dev/null
cat > "$beside" && chmod "$(printf '%o' "$((mode | 0400))")" "$beside" || exit 1
real=$(readlink -f -- "$main") || real=$main
mounts=$("$docker" inspect -f '{{range .Mounts}}{{println .Source}}{{end}}' "$container") || exit 1
if printf '%s\\n' "$mounts" | grep -Fxq -- "$real"; then
  words=$("$docker" exec -i "$container" /app/glance --config /dev/stdin config:validate < "$beside" 2>&1)
else
  words=$("$docker" exec "$container" /app/glance --config "$inside/\${beside##*/}" config:validate 2>&1)
fi
if [ $? -eq 0 ]; then printf 'valid\\n'; else printf 'invalid\\n%s\\n' "$words"; fi
exit 0`;
