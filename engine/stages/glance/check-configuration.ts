import { posix } from 'node:path';
import type { RemoteHost } from '../../ports.ts';
import { type Problem, ProblemError } from '../../problems.ts';
import type { GlanceSystem } from '../../types.ts';
import { failureOf } from '../deploy/classify.ts';
import { expanded, type Sources } from './compose.ts';

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
  const args = [config, inside, container, host.entry.docker.command];
  // Includes are put in place already, so that one file beside the main one says all that will be there.
  const result = await host.run({ script: checkScript, args, stdin: expanded(sources) }, signal);
  if (result.exitCode !== 0)
    throw new ProblemError(failureOf({ host: host.entry.name, command: 'check' }, result));
  const [verdict = '', ...words] = result.stdout.split('\n');
  const kind = verdict === 'valid' || verdict === 'stopped' ? verdict : 'invalid';
  return { kind, words: words.join('\n').trim() };
}

/** Why nothing is written. */
export function refusal(system: GlanceSystem, verdict: Verdict): Problem {
  const { config, host } = system;
  const container = system.container ?? '';
  const evidence = evidenceOf(verdict);
  if (verdict.kind === 'stopped')
    return {
      code: 'container-not-running',
      message: `Glance's container ${container} does not run, so its configuration could not be checked and nothing was written.`,
      where: host,
      hint: `See \`docker logs ${container}\` on ${host}, start it with \`docker start ${container}\` (or correct systems.glance.container in sentinel.yml), then deploy again to have the entry added.`,
      ...evidence,
    };
  return {
    code: 'dashboard-invalid',
    message: `Glance would not accept ${config} with the change, so nothing was written: ${lastLine(verdict)}`,
    where: host,
    hint: 'See whether it accepts the file as it is: the fault may have been there before.',
    ...evidence,
  };
}

/** It is put back all the same, since it is what was there. */
export function refusedBack({ config, host }: GlanceSystem, verdict: Verdict): Problem {
  return {
    code: 'dashboard-invalid',
    message:
      `Glance does not accept ${config}, in which Sentinel's entries are as they were before the deployment: ` +
      lastLine(verdict),
    where: host,
    hint: 'Correct what it names: it keeps what it has read until it is restarted, and would not start with this.',
    ...evidenceOf(verdict),
  };
}

const lastLine = ({ words }: Verdict): string => words.split('\n').at(-1) ?? '';
const evidenceOf = ({ words }: Verdict): Pick<Problem, 'evidence'> =>
  words === '' ? {} : { evidence: [{ title: 'what Glance says', text: words.slice(-2000) }] };

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
