/** The operator's command line as a whole. */
import { Command } from 'commander';
import { addCalls } from './calls';
import { addCheck } from './check';
import type { CliContext } from './context';
import { addDrain } from './drain';
import { addExplain } from './explain';
import { addAcknowledge, addPauseAndResume } from './pause';
import { addStatus } from './status';
import { addSwitchover } from './switchover';

export function programOf(context: CliContext): Command {
  const program = new Command('understudy').description(
    'Looks at a cluster and tells the control plane what a human decided.',
  );
  addStatus(program, context);
  addExplain(program, context);
  addCalls(program, context);
  addAcknowledge(program, context);
  addPauseAndResume(program, context);
  addSwitchover(program, context);
  addDrain(program, context);
  addCheck(program, context);
  return program;
}
