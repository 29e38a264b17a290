/** One process of several that run years: see `worker-runner.ts`. */
import { runCluster } from '../../lib/simulation/run';
import { cpuMs } from './cpu';
import { serve } from './serve';

serve((scenario) => runCluster(scenario, { cpuMs }));
