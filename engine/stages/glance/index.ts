import type { Stage } from '../../ports.ts';
import { adoptTile } from './adopt.ts';
import { ensureTiles } from './ensure.ts';
import { surveyTiles } from './survey.ts';

/** The dashboard: a bookmark and a monitored site for each service, in the lines of Glance's own files. */
export const glance: Stage<'glance'> = {
  name: 'glance',
  onFailure: () => 'degrade',
  survey: surveyTiles,
  ensure: ensureTiles,
  adopt: adoptTile,
};
