import { MemoryStateStore } from '../../lib/simulation/memory-store';
import { specifyStateStore } from '../support/store-spec';

describe('the state store in memory', () => {
  specifyStateStore(() => new MemoryStateStore());
});
