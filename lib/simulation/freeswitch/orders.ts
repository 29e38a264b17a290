/** The node-control function of one zone: the shipped `NodeOrders` over simulated nodes and a simulated database. */
import type { CallDatabase } from '../../domain/ports';
import { NodeOrders } from '../../operations/node-orders';
import { SimCallSwitch } from './call-switch';
import type { NodeAccess } from './esl';
import { SimEslOrders } from './esl-orders';

export interface NodeOrdersAccess extends NodeAccess {
  /** null: the cluster has none. */
  database: CallDatabase | null;
}

/** For one invocation: `access.process` is what is killed with it. */
export function nodeOrders(access: NodeOrdersAccess): NodeOrders {
  const { database, process: clock } = access;
  return new NodeOrders(new SimEslOrders(access), { switches: new SimCallSwitch(access), database, clock });
}
