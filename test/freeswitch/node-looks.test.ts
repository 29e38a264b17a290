import { specifyLooks } from '../support/node-probe-spec';
import { ordersOnLoopback } from './support/orders-on-loopback';

describe('a look over ESL and SIP', () => {
  specifyLooks(ordersOnLoopback);
});
