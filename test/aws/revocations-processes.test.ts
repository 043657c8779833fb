import { revocationsOfProcesses } from '../contract/revocations-of-processes.ts';
import { describeProcesses } from './processes.ts';

describeProcesses(revocationsOfProcesses, 'a2a-gateway/revocations/');
