import { posix } from 'node:path';
import type { RemoteHost } from '../../ports.ts';
import { type Problem, ProblemError } from '../../problems.ts';
import type { GlanceSystem } from '../../types.ts';
import { failureOf } from '../deploy/classify.ts';
import { expanded, type Sources } from './compose.ts';

/** Has Glance itself read a configuration before it is put in place. Throws ProblemError with what it says. */
export async function checkConfiguration(
  host: RemoteHost,
  { system, sources }: { readonly system: GlanceSystem; readonly sources: Sources },
  signal: AbortSignal,
): Promise<void> {
  const { container, config } = system;
  if (container === null) return;
  const inside = posix.dirname(system.configInside);
  const args = [config, inside, container, host.entry.docker.command];
  // Includes are put in place already, so that one file beside the main one says all that will be there.
  const result = await host.run({ script: checkScript, args, stdin: expanded(sources) }, signal);
  if (result.exitCode !== 0)
    throw new ProblemError(failureOf({ host: host.entry.name, command: 'check' }, result));
  const [verdict = '', ...words] = result.stdout.split('\n');
  if (verdict === 'valid') return;
  throw new ProblemError(refusal(system, verdict, words.join('\n').trim()));
}

function refusal({ container, config, host }: GlanceSystem, verdict: string, words: string): Problem {
  const what =
    verdict === 'stopped'
      ? `Glance's container ${container ?? ''} does not run, so its configuration could not be checked and nothing was written.`
      : `Glance would not accept ${config} with the change, so nothing was written: ${words.split('\n').at(-1) ?? ''}`;
  return {
    code: verdict === 'stopped' ? 'container-not-running' : 'dashboard-invalid',
    message: what,
    where: host,
    hint:
      verdict === 'stopped'
        ? 'Look at its logs, correct what keeps it from starting, then deploy again.'
        : 'See whether it accepts the file as it is: the fault may have been there before.',
    ...(words === '' ? {} : { evidence: [{ title: 'glance config:validate', text: words.slice(-2000) }] }),
  };
}

/**
 * $1 main file, $2 its folder in the container, $3 the container, $4 the docker command, standard input the whole
 * configuration. A file mounted by itself has no neighbours in the container, so there Glance reads a stream.
 */
const checkScript = `
set -u
umask 077
main=$1 inside=$2 container=$3 docker=$4
running=$("$docker" inspect -f '{{.State.Running}}' "$container" 2>&1) || { printf 'stopped\\n%s\\n' "$running"; exit 0; }
[ "$running" = true ] || { printf 'stopped\\n'; exit 0; }
beside=$main.sentinel.check.$$
trap 'rm -f -- "$beside"' EXIT
cp -p -- "$main" "$beside" && cat > "$beside" || exit 1
real=$(readlink -f -- "$main") || real=$main
mounts=$("$docker" inspect -f '{{range .Mounts}}{{println .Source}}{{end}}' "$container") || exit 1
if printf '%s\\n' "$mounts" | grep -Fxq -- "$real"; then
  words=$("$docker" exec -i "$container" /app/glance --config /dev/stdin config:validate < "$beside" 2>&1)
else
  words=$("$docker" exec "$container" /app/glance --config "$inside/\${beside##*/}" config:validate 2>&1)
fi
if [ $? -eq 0 ]; then printf 'valid\\n'; else printf 'invalid\\n%s\\n' "$words" | sed "s|\\.sentinel\\.check\\.$$||g"; fi
exit 0`;
