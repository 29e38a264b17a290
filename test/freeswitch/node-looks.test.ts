import { specifyLooks } from '../support/node-probe-spec';
import { ordersOnLoopback } from './support/orders-on-loopback';

describe('a look at a node over ESL and SIP', () => {
  specifyLooks(ordersOnLoopback);
});
