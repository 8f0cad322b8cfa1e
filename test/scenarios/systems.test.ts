import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import { systemScenarios } from './systems-suite.ts';

systemScenarios('simulated', () => createSimulatedWorld());
