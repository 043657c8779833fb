import { ownersOfProcesses } from '../contract/owners-of-processes.ts';
import { describeProcesses } from './processes.ts';

describeProcesses(ownersOfProcesses, 'a2a-gateway/owners/');
