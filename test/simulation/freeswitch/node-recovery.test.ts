import { specifyCallSwitch } from '../../support/call-switch-spec';
import { ordersInSimulation } from './orders-in-simulation';

describe('a recovery as the simulator has it', () => {
  specifyCallSwitch(ordersInSimulation);
});
