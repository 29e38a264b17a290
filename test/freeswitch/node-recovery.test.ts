import { specifyCallSwitch } from '../support/call-switch-spec';
import { ordersOnLoopback } from './support/orders-on-loopback';

describe('a recovery over ESL', () => {
  specifyCallSwitch(ordersOnLoopback);
});
