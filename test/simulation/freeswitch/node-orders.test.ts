import { specifyNodeOrders } from '../../support/node-orders-spec';
import { ordersInSimulation } from './orders-in-simulation';

describe('the orders to a node as the simulator gives them', () => {
  specifyNodeOrders(ordersInSimulation);
});
