/** A worker process with the made-up run; a multiple of three as seed kills it, of five throws, of seven never ends. */
import { serve } from '../../../../local/simulate/serve';
import { madeUpRun } from '../../../simulation/made-up-run';

serve(async (scenario) => {
  if (scenario.seed % 3 === 0) process.kill(process.pid, 'SIGKILL');
  if (scenario.seed % 5 === 0) throw new Error('a mistake in the simulator');
  if (scenario.seed % 7 === 0) await new Promise(() => undefined);
  return madeUpRun(scenario);
});
