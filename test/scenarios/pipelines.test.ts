import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import { pipelineScenarios } from './pipeline-suite.ts';

pipelineScenarios('simulated', () => createSimulatedWorld({ hosts: 1 }));
