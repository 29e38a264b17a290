import { MemoryStateStore } from '../../lib/simulation/memory-store';
import { aTopology } from '../support/store-fixtures';
import { specifyStateStore } from '../support/store-spec';

describe('the state store in memory', () => {
  specifyStateStore(() => new MemoryStateStore());
});

describe('a store in memory', () => {
  const away = (): never => {
    throw new Error('away');
  };

  it('that is away has applied nothing', async () => {
    const store = new MemoryStateStore({ onCall: away });
    await expect(store.putTopology(aTopology())).rejects.toThrow('away');
    expect(store.topology).toBeNull();
  });

  it('whose answer is lost has applied what it was told', async () => {
    const store = new MemoryStateStore({ onAnswer: away });
    await expect(store.putTopology(aTopology())).rejects.toThrow('away');
    expect(store.topology).toEqual(aTopology());
  });
});
