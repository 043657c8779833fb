import { ownersOfProcesses } from './contract/owners-of-processes.ts';
import { newFolder } from './support/process.ts';

ownersOfProcesses('one SQLite file', async () => ({
  settings: { dataDir: newFolder(), search: { enabled: false } },
  env: {},
}));
