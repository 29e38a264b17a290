import { MemoryStateStore } from './memory-store';
import { specifyStateStore } from './store-spec';

describe('the state store in memory', () => {
  specifyStateStore(() => new MemoryStateStore());
});
