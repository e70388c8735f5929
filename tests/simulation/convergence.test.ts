/** Half of the schedules that every test run plays; the other half is next door, so that two cores share them. */
import { convergence } from './convergence.ts';

convergence({ seed: 20261121 });
