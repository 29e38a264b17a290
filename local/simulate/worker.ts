/** One process of several that run years: see `worker-runner.ts`. */
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { runCluster } from '../../lib/simulation/run';
import { cpuMs } from './cpu';
import { serve } from './serve';

useLightAbort();
serve((scenario) => runCluster(scenario, { cpuMs }));
