/** Every provider that the tests of the sync run at, for `describe.each`. */
import { googleStage } from './google_stage.ts';
import { microsoftStage } from './microsoft_stage.ts';
import type { ProviderName } from './person.ts';
import type { ProviderStage } from './provider_stage.ts';

export const STAGES: ReadonlyArray<[ProviderName, ProviderStage]> = [
  ['google', googleStage],
  ['microsoft', microsoftStage],
];
