import { specifyLooks } from '../../support/node-probe-spec';
import { ordersInSimulation } from './orders-in-simulation';

describe('a look at a node as the simulator has it', () => {
  specifyLooks(ordersInSimulation);
});
