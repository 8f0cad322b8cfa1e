/** What deployments left on the systems around the services: folded from their steps, and kept on the hosts. */
export { foldOwned, type StepTaken } from './fold.ts';
export type { Held } from './held.ts';
export { keepHoldings } from './keep-holdings.ts';
export { placesOf, placesOfOne, readHoldings } from './read-holdings.ts';
export { createStepRecord, type StepRecord } from './step-record.ts';
export { withHostHoldings } from './with-host-holdings.ts';
