import type { OpenStore } from '../../../data/index.ts';
import type {
  Access,
  Actor,
  Capability,
  Clock,
  Engine,
  Happening,
  Problem,
  Proposal,
  Release,
  Request,
  ServiceStatus,
  Watcher,
} from '../../../engine/index.ts';
import { readStatistics } from '../../../engine/index.ts';
import { planOf, proposalOf } from './plans.ts';

/** An engine whose rules are real (store, compare-and-set, capabilities) and whose deployments happen when a test says so. */
export interface ScriptedEngine extends Engine {
  /** Appends to the journal and tells watchers, as a running deployment does. */
  happen(deployment: string, happening: Happening): void;
  /** What `propose` answers next; without it, a plan nobody has to agree to. */
  nextProposal: Partial<Proposal>;
  proposeFails: Error | null;
  proposeProblems: readonly Problem[];
  staleNext: readonly string[] | null;
  /** What a status shows. */
  seen: readonly ServiceStatus[];
  /** What a stop of the bot waits for. */
  stopping: Promise<void>;
  readonly proposed: { readonly request: Request; readonly actor: Actor }[];
  readonly started: string[];
  readonly aborted: string[];
  /** What the forge told, in order. */
  readonly news: { readonly project: string; readonly pipeline: number }[];
  /** How often the definitions were read, and pipelines looked for. */
  refreshes: number;
  looks: number;
}

export const access: Access = {
  grants: [],
};

export function scriptedEngine(store: OpenStore, clock: Clock, given: Access): ScriptedEngine {
  const watchers: Watcher[] = [];
  let number = 0;
  const unique = (prefix: string): string => `${prefix}-${Date.now().toString(36)}${(number += 1)}`;
  const fail = (problem: Problem): { ok: false; problems: readonly Problem[] } => ({
    ok: false,
    problems: [problem],
  });
  const lacks = (actor: Actor, capability: Capability): Problem | null =>
    given.grants.some(
      ({ role, capabilities }) => actor.roles.includes(role) && capabilities.includes(capability),
    )
      ? null
      : { code: 'not-allowed', message: `You need the “${capability}” capability.` };
  const get = (id: string): Proposal => {
    const proposal = store.proposals.get(id);
    if (!proposal) throw new Error(`no proposal ${id}`);
    return proposal;
  };

  function create(change: Partial<Proposal>): Proposal {
    const now = clock.now().getTime();
    const proposal = proposalOf({
      id: unique('p'),
      createdAt: new Date(now).toISOString(),
      expiresAt: new Date(now + 3_600_000).toISOString(),
      ...change,
    });
    store.proposals.create(proposal);
    return proposal;
  }

  function run(id: string, from: Proposal['state']): ReturnType<Engine['vote']> {
    if (engine.staleNext) {
      const moved = engine.staleNext;
      engine.staleNext = null;
      store.proposals.move(id, [from], 'stale');
      const next = create({ rule: get(id).rule, requestedBy: get(id).requestedBy });
      return Promise.resolve({
        ok: true,
        value: { kind: 'stale', proposal: get(id), moved, next: { ok: true, value: next } },
      });
    }
    const deployment = unique('d');
    if (!store.proposals.move(id, [from], 'running', { deployment }))
      return Promise.resolve(fail({ code: 'already-decided', message: 'Somebody decided this before.' }));
    engine.started.push(deployment);
    const { plan, request, requestedBy, votes } = get(id);
    engine.happen(deployment, {
      ...{ type: 'started', plan, request, proposal: id, actor: requestedBy },
      approvedBy: votes.map(({ by }) => by.id),
    });
    return Promise.resolve({ ok: true, value: { kind: 'started', proposal: get(id), deployment } });
  }

  const engine: ScriptedEngine = {
    nextProposal: {},
    proposeFails: null,
    proposeProblems: [],
    staleNext: null,
    seen: [],
    stopping: Promise.resolve(),
    ...{ proposed: [], started: [], aborted: [], news: [] },
    ...{ refreshes: 0, looks: 0 },
    happen(deployment, happening) {
      const seq = (store.journal.events(deployment).at(-1)?.seq ?? 0) + 1;
      const event = { deployment, seq, at: clock.now().toISOString(), ...happening };
      store.journal.append(event);
      for (const watch of watchers) void watch(event);
    },
    services: () => [
      {
        ...{ name: 'grafana', displayName: 'Grafana', category: 'monitoring' },
        ...{ host: 'media', repository: 'homelab' },
      },
      {
        ...{ name: 'jellyfin', displayName: 'Jellyfin', category: 'media' },
        ...{ host: 'media', repository: 'homelab' },
        silentUpdates: true,
      },
    ],
    environments: () => ['production'],
    refresh() {
      engine.refreshes += 1;
      return Promise.resolve();
    },
    propose(request, actor) {
      engine.proposed.push({ request, actor });
      if (engine.proposeFails) return Promise.reject(engine.proposeFails);
      if (engine.proposeProblems.length > 0)
        return Promise.resolve({ ok: false, problems: engine.proposeProblems });
      return Promise.resolve({
        ok: true,
        value: create({ request, requestedBy: actor, ...engine.nextProposal }),
      });
    },
    requestApproval(id) {
      return Promise.resolve(
        store.proposals.move(id, ['open'], 'pending')
          ? { ok: true, value: get(id) }
          : fail({ code: 'already-decided', message: 'This was asked before.' }),
      );
    },
    start: (id, actor) => {
      const refused = lacks(actor, 'deploy');
      return refused ? Promise.resolve(fail(refused)) : run(id, 'open');
    },
    vote(id, actor, { verdict, reason }) {
      const takesBack = verdict === 'reject' && get(id).requestedBy.id === actor.id;
      const refused = takesBack ? null : lacks(actor, 'approve');
      if (refused) return Promise.resolve(fail(refused));
      if (get(id).requestedBy.id === actor.id && !takesBack)
        return Promise.resolve(fail({ code: 'own-request', message: 'You asked for this yourself.' }));
      const vote = { by: actor, verdict, reason, at: clock.now().toISOString() };
      if (get(id).state !== 'pending' || !store.proposals.vote(id, vote))
        return Promise.resolve(fail({ code: 'already-decided', message: 'This was decided before.' }));
      if (verdict === 'reject') {
        store.proposals.move(id, ['pending'], 'rejected');
        return Promise.resolve({ ok: true, value: { kind: 'rejected', proposal: get(id) } });
      }
      const missing = get(id).rule.required - get(id).votes.length;
      return missing > 0
        ? Promise.resolve({ ok: true, value: { kind: 'recorded', proposal: get(id), missing } })
        : run(id, 'pending');
    },
    abort(id, actor) {
      const record = store.deployments.get(id);
      if (!record || record.finishedAt !== null)
        return fail({ code: 'already-decided', message: 'This deployment is over.' });
      engine.aborted.push(id);
      engine.happen(id, { type: 'abort-requested', actor });
      return { ok: true, value: record };
    },
    status: ({ environment }, actor) => {
      const refused = lacks(actor, 'view');
      if (refused) return Promise.resolve(fail(refused));
      return Promise.resolve({
        ok: true,
        value: {
          environment: environment ?? 'production',
          revision: planOf().revision,
          ...{ services: engine.seen, problems: [], history: [], running: [] },
          pending: store.proposals.pending(),
          attention: store.deployments.unfinished(),
          statistics: readStatistics(store, {
            ...{ environment: environment ?? 'production', service: null, now: clock.now() },
          }),
        },
      });
    },
    releases: () => Promise.resolve({ ok: true, value: [release] }),
    proposal: (id) => store.proposals.get(id),
    pending: () => store.proposals.pending(),
    deployment: (id) => store.deployments.get(id),
    authorise(actor, capability, _environment, action) {
      const refused = lacks(actor, capability);
      if (refused) store.audit.append({ actor, action: 'denied', detail: { action, capability } });
      return refused;
    },
    pipelineNews: (news) => void engine.news.push(news),
    lookForPipelines() {
      engine.looks += 1;
      return Promise.resolve();
    },
    recover() {
      const cut = store.deployments.unfinished();
      for (const { id, outcome } of cut)
        if (outcome !== 'interrupted') engine.happen(id, { type: 'interrupted' });
      return cut;
    },
    expire: () => [],
    watch: (watcher) => void watchers.push(watcher),
    finished: () => Promise.reject(new Error('not scripted')),
    stop: () => engine.stopping,
  };
  return engine;
}

const release: Release = {
  ...{ id: 'r-20260301-100000-3f2a1c9', service: 'grafana', revision: '3f2a1c9d'.repeat(5) },
  ...{ deployment: 'd-1', createdAt: '2026-03-01T10:00:00.000Z', files: {}, env: {} },
  images: { grafana: { reference: 'grafana/grafana:10.0', digest: null, id: null } },
  ...{ checks: null, verifiedAt: '2026-03-01T10:00:30.000Z' },
};
