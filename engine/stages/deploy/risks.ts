import type { MountPlace } from '../../definitions/dangerous-paths.ts';
import { powersOf, type PowerQuestion } from '../../definitions/powers.ts';
import type { DeployState, HostEntry, PublishedPort, Risk, RiskCode, StepOf } from '../../types.ts';
import { foundPrefix, type Standing } from './compare.ts';
import type { FoundContainer, HostObservation, Listener } from './found.ts';
import { splitReference } from './observe-images.ts';
import { watchtowerRisks } from './watchtower-risks.ts';

/** What a person should know before agreeing to a step. */
export function risksOf(
  step: StepOf<'deploy'>,
  found: Standing,
  observation: HostObservation,
): readonly Risk[] {
  const risk = (code: RiskCode, message: string, alwaysApprove = false): Risk => ({
    code,
    service: step.service,
    message,
    alwaysApprove,
  });
  const { after } = step;
  const removed = after === null || after.deleteVolumes === true;
  const shared = [
    ...(step.irreversible === undefined
      ? []
      : [risk('irreversible', `This cannot be undone: ${step.irreversible}.`, true)]),
    ...foreignFiles(step.before, found).map((message) => risk('unmanaged-files', message)),
    ...lostVolumes(found, after).map(([volume, fate]) =>
      risk('volume-lost', `The volume ${volume} ${fate}.`, after?.deleteVolumes === true),
    ),
  ];
  if (removed) return [risk('removal', `${step.service} is taken off ${step.system}.`, true), ...shared];
  return [
    ...shared,
    ...imageRisks(after, found, observation).map(([code, message]) => risk(code, message)),
    // Watchtower does not care which release runs; a rollback is not the time to say so again.
    ...(after.release === null
      ? watchtowerRisks(found.service).map((message) => risk('watchtower', message))
      : []),
    // A release has a compose file of its own: its text is read for it.
    ...(after.release === null
      ? powerRisks(step.service, found.service.files['docker-compose.yml'] ?? '', {
          env: found.service.env,
          ...mountPlace(after.path, observation.entry),
        })
      : []),
    ...(isBelow(after.path, observation.entry.installRoot)
      ? []
      : [
          risk(
            'outside-install-root',
            `${step.service} is installed in ${after.path}, outside ${observation.entry.installRoot}.`,
            true,
          ),
        ]),
    ...takenPorts(found, observation).map((message) => risk('port-taken', message)),
  ];
}

function foreignFiles(before: DeployState | null, { place, current }: Standing): readonly string[] {
  const messages: string[] = [];
  if (
    before?.release?.startsWith(foundPrefix) === true &&
    Object.keys(before.files).length + place.composeFiles.length > 0
  )
    messages.push(
      current === null
        ? `The files in ${place.path} were not written by Sentinel; they are kept as ${before.release}.`
        : `The files in ${place.path} were changed by hand; they are kept as ${before.release}.`,
    );
  const others = place.composeFiles.filter((file) => file !== 'docker-compose.yml');
  if (others.length > 0)
    messages.push(`${place.path} also holds ${others.join(', ')}, which Sentinel does not use.`);
  return messages;
}

function lostVolumes(
  { service, containers, place }: Standing,
  after: DeployState | null,
): readonly (readonly [string, string])[] {
  const mounted = [...new Set(containers.flatMap(({ volumes }) => volumes))].sort();
  if (after?.deleteVolumes === true) return mounted.map((volume) => [volume, 'is deleted'] as const);
  // A release may mount others than today's definition; its own record does not say.
  if (after === null || after.release !== null || place.applying !== null) return [];
  const wanted = new Set(
    service.containers.flatMap(({ volumes }) => volumes.flatMap((v) => [v, `${service.name}_${v}`])),
  );
  return mounted
    .filter((volume) => !wanted.has(volume))
    .map((volume) => [volume, 'is no longer used; its data stays on the host'] as const);
}

function imageRisks(
  after: DeployState,
  { service }: Standing,
  { registry, images }: HostObservation,
): readonly (readonly [RiskCode, string])[] {
  const references = [...new Set(Object.values(after.images).map(({ reference }) => reference))];
  return references.flatMap((reference): readonly (readonly [RiskCode, string])[] => {
    const found: (readonly [RiskCode, string])[] = [];
    const { tag, digest } = splitReference(reference);
    if (tag === 'latest' && digest === null)
      found.push(['latest-tag', `${reference} means something else whenever its publisher says so.`]);
    if (after.release !== null) return found;
    const answer = registry.get(reference);
    const local = images.get(reference);
    if (answer?.kind === 'digest' && local !== undefined && !local.digests.includes(answer.digest))
      found.push([
        'image-moved',
        `${reference} is another image than the one on the host: its tag moved in the registry.`,
      ]);
    if (answer?.kind === 'silent' && local !== undefined)
      found.push([
        'registry-unreachable',
        `${service.name} uses the host's copy of ${reference}; its registry could not be asked: ${answer.message}`,
      ]);
    if (answer?.kind === 'missing' && local !== undefined)
      found.push([
        'registry-unreachable',
        `${service.name} uses the host's copy of ${reference}; its registry does not have it.`,
      ]);
    return found;
  });
}

function takenPorts({ service }: Standing, observation: HostObservation): readonly string[] {
  const others = observation.containers.filter(({ project }) => project !== service.name);
  const own = observation.containers
    .filter(({ project }) => project === service.name)
    .flatMap(({ ports }) => ports);
  return service.containers.flatMap(({ ports }) =>
    ports.flatMap((port): readonly string[] => {
      const shown = `Port ${port.host}/${port.protocol} of ${observation.entry.name}`;
      const holder = others.find((container) =>
        container.ports.some((taken) => clash(port, taken, observation)),
      );
      if (holder !== undefined) return [`${shown} is used by ${describe(holder)}.`];
      if (own.some((taken) => clash(port, taken, observation))) return [];
      const listener = observation.listeners.find((taken) => clash(port, taken, observation));
      return listener === undefined
        ? []
        : [
            `${shown} is used by a program on the host that is not a container (listening on ${listener.address}).`,
          ];
    }),
  );
}

function describe({ name, project }: FoundContainer): string {
  return project === null ? `the container ${name}` : `the container ${name} of ${project}`;
}

function clash(port: PublishedPort, taken: Listener, { entry }: HostObservation): boolean {
  if (taken.protocol !== port.protocol || taken.port !== port.host) return false;
  const wanted =
    port.address === undefined || port.address === '0.0.0.0' || port.address === '::'
      ? allOf(entry.address)
      : port.address;
  return taken.address === '*' || wanted === '*' || taken.address === wanted;
}

/** A host that is one loopback address shares its machine with others; only that address is its own. */
function allOf(address: string): string {
  return /^127\./.test(address) ? address : '*';
}

/** What a compose file asks for that gives containers power over their host: today's, or that of a release. */
export function powerRisks(service: string, compose: string, question: PowerQuestion): readonly Risk[] {
  return powersOf(compose, question).map(({ code, message, owns }) => ({
    code,
    service,
    message,
    alwaysApprove: owns,
  }));
}

export function mountPlace(installPath: string, { installRoot, docker }: HostEntry): MountPlace {
  return { installPath, installRoot, socket: docker.socket };
}

function isBelow(path: string, root: string): boolean {
  return path.startsWith(`${root.replace(/\/+$/, '')}/`);
}
