import { createSimulatedWorld } from '../../../lab/host/simulated-world.ts';
import { deploySuite } from './deploy-suite.ts';

deploySuite('deploying to a simulated host', () => createSimulatedWorld());
