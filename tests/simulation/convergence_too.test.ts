/** The other half of `convergence.test.ts`. */
import { convergence } from './convergence.ts';

convergence({ seed: 20271121 });
