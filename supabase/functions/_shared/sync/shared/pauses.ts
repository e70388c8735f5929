/** How long a provider's project that has used up its daily quota is left alone, whichever way the work goes. */
export const QUOTA_PAUSE_SECONDS = 6 * 3600;
