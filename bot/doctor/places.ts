import { doctor, toProblem, type Ports, type Source } from '../../engine/index.ts';

export type PortsFor = (environment: string, signal: AbortSignal) => Promise<Ports>;
export interface Wanted {
  readonly source: Source;
  readonly environments: readonly string[];
}

/** Reads every repository in each of its environments, at the head of its branch; one that hangs holds back no other. */
export async function placesOf(
  wanted: readonly Wanted[],
  { portsFor, limitMs }: { readonly portsFor: PortsFor; readonly limitMs: number },
  signal: AbortSignal,
): Promise<{ readonly places: readonly doctor.Place[]; readonly findings: readonly doctor.Finding[] }> {
  const each = await Promise.all(
    wanted.flatMap(({ source, environments }) =>
      environments.map(async (environment) => {
        const name =
          environments.length > 1 ? `${source.repository.name} (${environment})` : source.repository.name;
        const places: doctor.Place[] = [];
        const look: doctor.Check['look'] = async (limit) => {
          const { place, findings } = await read(source, { environment, name, portsFor }, limit);
          if (place !== null) places.push(place);
          return findings;
        };
        return {
          findings: await doctor.answerOf({ area: 'git', subject: name, look, limitMs }, signal),
          places,
        };
      }),
    ),
  );
  return {
    places: each.flatMap(({ places }) => places),
    findings: each.flatMap(({ findings }) => findings),
  };
}

interface One {
  readonly place: doctor.Place | null;
  readonly findings: readonly doctor.Finding[];
}

async function read(
  source: Source,
  {
    environment,
    name,
    portsFor,
  }: { readonly environment: string; readonly name: string; readonly portsFor: PortsFor },
  signal: AbortSignal,
): Promise<One> {
  const about = { area: 'git', subject: name } as const;
  try {
    const { repository } = source;
    const resolved = await repository.resolve({ environment }, signal);
    if (!resolved.ok)
      return { place: null, findings: resolved.problems.map((problem) => doctor.troubled(about, problem)) };
    const { commit, branch } = resolved.value;
    const { fleet, problems } = source.load(await repository.tree(commit, signal), environment);
    const place = { name, fleet, ports: await portsFor(environment, signal) };
    const fetched = doctor.good(about, `branch ${branch} can be fetched; it is at ${commit.slice(0, 8)}.`);
    return { place, findings: [fetched, ...doctor.definitionFindings(place, problems)] };
  } catch (error) {
    signal.throwIfAborted();
    return { place: null, findings: [doctor.troubled(about, toProblem(error))] };
  }
}
