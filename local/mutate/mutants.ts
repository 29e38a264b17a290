/** Every guard that is taken away in turn: the clauses of the decision's transaction, and every safety rule. */
import type { Mutant } from './mutant';
import { ADAPTERS } from './mutants/adapters';
import { BURST_LOSS } from './mutants/bursts';
import { CANDIDATES } from './mutants/candidates';
import { CHECKS } from './mutants/checks';
import { CLAUSES } from './mutants/clauses';
import { CONVERGENCE } from './mutants/convergence';
import { DATABASE } from './mutants/database';
import { DEPLOYMENT } from './mutants/deployment';
import { EFFECTS } from './mutants/effects';
import { EPOCH_GUARDS } from './mutants/epoch-guards';
import { EXPLAINED } from './mutants/explain';
import { FAILURE_KINDS } from './mutants/failure-kinds';
import { FIGURES } from './mutants/figures';
import { FLEET } from './mutants/fleet';
import { HOLDERS } from './mutants/holders';
import { JUDGEMENT } from './mutants/judgement';
import { KERNEL_PARTS } from './mutants/kernel';
import { LIMITS } from './mutants/limits';
import { LOOKS } from './mutants/looks';
import { MEMORY_STORE } from './mutants/memory-store';
import { NODE_ORDERS } from './mutants/node-orders';
import { NODE_WAYS } from './mutants/node-ways';
import { OBSERVERS } from './mutants/observers';
import { OLD_NODE } from './mutants/old-node';
import { ON_ITS_WAY } from './mutants/on-its-way';
import { OPERATOR } from './mutants/operator';
import { ORDER } from './mutants/order';
import { OWN_HEALTH } from './mutants/own-health';
import { PAGES } from './mutants/pages';
import { PERMISSIONS } from './mutants/permissions';
import { PLANNED_MOVES } from './mutants/planned-moves';
import { RECOVERY } from './mutants/recovery';
import { SIMULATED_FAULTS } from './mutants/simulated-faults';
import { SIMULATED_PROBE } from './mutants/simulated-probe';
import { SIMULATED_WORLD } from './mutants/simulated-world';
import { SIMULATION } from './mutants/simulation';
import { SKIP } from './mutants/skip';
import { STACKS } from './mutants/stacks';
import { STATE_MACHINE } from './mutants/state-machine';
import { STORE_CLUSTER } from './mutants/store-cluster';
import { STORE_DECISION } from './mutants/store-decision';
import { STORE_JOURNALS } from './mutants/store-journals';
import { STORE_READING } from './mutants/store-reading';
import { STORE_RULES } from './mutants/store-rules';
import { UNREACHED_ANSWERS } from './mutants/unreached';
import { UPKEEP } from './mutants/upkeep';
import { VOTES } from './mutants/votes';
import { WATCH_LEASES } from './mutants/watch-leases';
import { WHAT_IF_ROWS } from './mutants/what-if';

export const MUTANTS: readonly Mutant[] = [
  ...CLAUSES,
  ...VOTES,
  ...JUDGEMENT,
  ...CANDIDATES,
  ...PLANNED_MOVES,
  ...NODE_ORDERS,
  ...NODE_WAYS,
  ...UNREACHED_ANSWERS,
  ...OBSERVERS,
  ...ORDER,
  ...EPOCH_GUARDS,
  ...CONVERGENCE,
  ...EFFECTS,
  ...OLD_NODE,
  ...DATABASE,
  ...STORE_JOURNALS,
  ...STORE_CLUSTER,
  ...STORE_DECISION,
  ...STORE_READING,
  ...STORE_RULES,
  ...MEMORY_STORE,
  ...DEPLOYMENT,
  ...LIMITS,
  ...PERMISSIONS,
  ...STACKS,
  ...OPERATOR,
  ...UPKEEP,
  ...RECOVERY,
  ...WATCH_LEASES,
  ...OWN_HEALTH,
  ...LOOKS,
  ...FAILURE_KINDS,
  ...FLEET,
  ...PAGES,
  ...EXPLAINED,
  ...WHAT_IF_ROWS,
  ...HOLDERS,
  ...ON_ITS_WAY,
  ...STATE_MACHINE,
  ...SIMULATION,
  ...CHECKS,
  ...SIMULATED_FAULTS,
  ...SIMULATED_WORLD,
  ...KERNEL_PARTS,
  ...FIGURES,
  ...BURST_LOSS,
  ...SIMULATED_PROBE,
  ...SKIP,
  ...ADAPTERS,
];
