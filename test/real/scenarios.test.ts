import { realWorldAvailable, createRealWorld } from '../../lab/real/world.ts';
import { scenarios } from '../scenarios/suite.ts';

const available = await realWorldAvailable();
if (!available.ok) throw new Error(`real hosts cannot be made here: ${available.reason}`);
scenarios('real', () => createRealWorld());
