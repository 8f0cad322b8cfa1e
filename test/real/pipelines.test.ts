import { describe, test } from 'vitest';
import { createRealWorld, realWorldAvailable } from '../../lab/real/world.ts';
import { pipelineScenarios } from '../scenarios/pipeline-suite.ts';

const available = await realWorldAvailable();
if (available.ok) pipelineScenarios('real', () => createRealWorld({ hosts: 1 }));
else
  describe('the generated pipelines on real hosts', () => {
    test.skip(`not possible here: ${available.reason}`, () => undefined);
  });
