/** The same histories as next door, with Outlook as the other side. */
import { convergence } from './convergence.ts';

convergence({ seed: 20281121, provider: 'microsoft', schedules: 200 });
