import type { RemoteHost, Secrets } from '../../ports.ts';
import type { Evidence } from '../../problems.ts';
import { decodeDockerLogs } from '../../providers/docker-logs.ts';
import { lastLines } from '../../remote-errors.ts';
import type { FoundContainer } from '../deploy/found.ts';

/** The last things containers said, secrets replaced. A log that cannot be read is no reason to hide the problem. */
export async function logsOf(
  host: RemoteHost,
  containers: readonly FoundContainer[],
  secrets: Secrets,
  signal: AbortSignal,
): Promise<readonly Evidence[]> {
  const found = await Promise.all(
    containers.slice(0, 3).map(async ({ id, name }) => {
      const path = `/containers/${id}/logs?stdout=1&stderr=1&tail=20`;
      const answer = await host.docker({ method: 'GET', path, timeoutMs: 10_000 }, signal).catch(() => null);
      if (answer?.status !== 200) return null;
      const said = lastLines(secrets.redact(decodeDockerLogs(answer.body).text), 20).slice(-3000);
      return said.trim() === '' ? null : { title: `logs of ${name}`, text: said };
    }),
  );
  return found.filter((evidence) => evidence !== null);
}
