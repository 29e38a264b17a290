import { specifyLooks } from '../../support/node-probe-spec';
import { ordersInSimulation } from './orders-in-simulation';

describe('a look as the simulator has it', () => {
  specifyLooks(ordersInSimulation);
});
