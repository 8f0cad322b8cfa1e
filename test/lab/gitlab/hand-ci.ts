import type { Ci, CiOptions, LabJob, LabPipeline, LabStatus } from '../../../lab/gitlab/ci/types.ts';

/** A runner that runs nothing: the test says what became of each job. */
export interface HandCi extends Ci {
  /** A job ends, or goes on; the pipeline gets the status given, or stays. */
  become(name: string, status: LabStatus, pipeline?: LabStatus): void;
}
/** Makes a pipeline of one automatic and one manual job wherever there is a `.gitlab-ci.yml` and no `[skip ci]`. */
export function createHandCis(hasFile: (repository: string, commit: string) => Promise<boolean>) {
  const made: HandCi[] = [];
  const start = (options: CiOptions): Promise<Ci> => {
    const ci = handCi(options, hasFile);
    made.push(ci);
    return Promise.resolve(ci);
  };
  return { start, made };
}

function handCi(
  { repository, nextId }: CiOptions,
  hasFile: (repository: string, commit: string) => Promise<boolean>,
): HandCi {
  let pipelines: readonly LabPipeline[] = [];
  const listeners: Parameters<Ci['onChange']>[0][] = [];
  const traces = new Map<number, string>();
  const find = (id: number) => pipelines.flatMap(({ jobs }) => jobs).find((job) => job.id === id);
  const put = (pipeline: LabPipeline, job: LabJob | null) => {
    pipelines = pipelines.map((each) => (each.id === pipeline.id ? pipeline : each));
    for (const listen of listeners) listen({ pipeline, job });
  };
  const set = (job: LabJob, change: Partial<LabJob>, status?: LabStatus) => {
    const pipeline = pipelines.find(({ id }) => id === job.pipeline)!;
    const next = { ...job, ...change };
    const jobs = pipeline.jobs.map((each) => (each.id === job.id ? next : each));
    put({ ...pipeline, jobs }, next);
    if (status !== undefined) put({ ...pipeline, jobs, status }, null);
  };
  return {
    async start(request) {
      if (request.message.includes('[skip ci]') || !(await hasFile(repository, request.commit))) return null;
      const createdAt = new Date().toISOString();
      const id = nextId();
      const rest = { createdAt, startedAt: createdAt, finishedAt: null };
      const job = (name: string, stage: string, status: LabStatus): LabJob => ({
        ...{
          id: nextId(),
          pipeline: id,
          name,
          stage,
          status,
          allowFailure: false,
          retried: false,
          failure: null,
        },
        ...{
          when: status === 'manual' ? 'manual' : 'on_success',
          environment: null,
          by: request.by,
          ...rest,
        },
      });
      const jobs = [job('plan_deployment', 'plan', 'running'), job('deploy', 'deploy', 'manual')];
      const { commit, before, branch, source, by, variables } = request;
      const pipeline: LabPipeline = {
        ...{ id, iid: pipelines.length + 1, commit, before, branch, source, by, variables },
        ...{ status: 'running', problem: null, jobs, ...rest },
      };
      pipelines = [pipeline, ...pipelines];
      put(pipeline, null);
      return pipeline;
    },
    pipelines: () => pipelines,
    pipeline: (id) => pipelines.find((each) => each.id === id),
    job: find,
    play(id, by, variables) {
      const job = find(id);
      if (job?.status !== 'manual') return false;
      traces.set(id, `playing with ${Object.keys(variables).join()}\n`);
      set(job, { status: 'pending', by }, 'running');
      return true;
    },
    retry(id, by) {
      const job = find(id);
      if (job === undefined || job.retried || !['failed', 'success', 'canceled'].includes(job.status))
        return null;
      const again: LabJob = { ...job, id: nextId(), status: 'pending', by };
      const pipeline = pipelines.find((each) => each.id === job.pipeline)!;
      const jobs = pipeline.jobs.map((each) => (each.id === id ? { ...each, retried: true } : each));
      put({ ...pipeline, status: 'running', jobs: [...jobs, again] }, again);
      return again;
    },
    cancel(id) {
      const pipeline = pipelines.find((each) => each.id === id)!;
      const jobs = pipeline.jobs.map((job): LabJob => ({ ...job, status: 'canceled' }));
      put({ ...pipeline, status: 'canceled', jobs }, null);
    },
    trace: (id) => traces.get(id) ?? '',
    artifact: (id, path) => Promise.resolve(path === 'out/plan.json' ? Buffer.from(`{"job":${id}}`) : null),
    report: () => Promise.resolve(null),
    onChange: (listener) => void listeners.push(listener),
    close: () => Promise.resolve(),
    become(name, status, pipeline) {
      const job = pipelines[0]!.jobs.find((each) => each.name === name && !each.retried)!;
      set(job, { status }, pipeline);
    },
  };
}
