import { limitsOfProcesses } from './contract/limits-of-processes.ts';
import { newFolder } from './support/process.ts';

limitsOfProcesses('one SQLite file', async () => ({
  settings: { dataDir: newFolder(), search: { enabled: false } },
  env: {},
}));
