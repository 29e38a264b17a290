import { specifyNodeOrders } from '../support/node-orders-spec';
import { ordersOnLoopback } from './support/orders-on-loopback';

describe('the orders to a node over ESL and SIP', () => {
  specifyNodeOrders(ordersOnLoopback);
});
