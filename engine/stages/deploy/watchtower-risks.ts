import { parseImage } from '../../definitions/image-reference.ts';
import type { Service } from '../../types.ts';

/** Tags whose publishers move them, so that nobody expects one certain version behind them. */
const moving = new Set([
  'latest',
  'stable',
  'main',
  'master',
  'edge',
  'nightly',
  'develop',
  'dev',
  'rolling',
]);

const enabled = /com\.centurylinklabs\.watchtower\.enable["']?\s*[=:]\s*["']?true/i;

/** Where a definition invites Watchtower and at the same time says something Watchtower does not keep to. */
export function watchtowerRisks(service: Service): readonly string[] {
  if (!service.watchtower) return [];
  // The generated file invites it to the service's own container only.
  const invited = service.containers.filter(
    ({ name }) => service.layout === 'single' || name === service.name,
  );
  return [
    ...[...new Set(invited.map(({ image }) => image))].flatMap(imageRisk),
    ...(service.layout === 'single' ? labelRisk(service) : []),
  ];
}

function imageRisk(reference: string): readonly string[] {
  const { tag, digest } = parseImage(reference);
  if (digest !== null)
    return [
      `${reference} is pinned to a digest, which Watchtower never updates: take the digest out, or say watchtower.enabled: false.`,
    ];
  if (tag === null || moving.has(tag)) return [];
  return [
    `${reference} is a declared version, and Watchtower may replace what runs behind Git's back; it would differ from Git until the next deployment. Use a moving tag, or say watchtower.enabled: false.`,
  ];
}

/** Its labels are the owner's; only the contradiction is told. */
function labelRisk({ files }: Service): readonly string[] {
  if (enabled.test(files['docker-compose.yml'] ?? '')) return [];
  return [
    'The definition invites Watchtower, but its compose file has no label com.centurylinklabs.watchtower.enable=true: a Watchtower that asks for labels leaves it alone.',
  ];
}
