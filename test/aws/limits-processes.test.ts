import { limitsOfProcesses } from '../contract/limits-of-processes.ts';
import { describeProcesses } from './processes.ts';

describeProcesses(limitsOfProcesses, 'a2a-gateway/limits/');
