import { revocationsOfProcesses } from './contract/revocations-of-processes.ts';
import { newFolder } from './support/process.ts';

revocationsOfProcesses('one SQLite file', async () => ({
  settings: { dataDir: newFolder(), search: { enabled: false } },
  env: {},
}));
