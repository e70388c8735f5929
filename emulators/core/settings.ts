/** What every emulator lets a test switch. */

export interface SharedSettings {
  /** Refuse what the facts do not know, and record it. Off: ignore it. */
  strict: boolean;
  /** Real milliseconds that each HTTP request takes, and each part of a batch on top. */
  latencyMs: number;
  latencyPerPartMs: number;
  /** A list of several pages gets an empty one after the first. */
  emptyMiddlePage: boolean;
  /** Upper bound of a page whatever the client asks for; 0 for the provider's own. */
  pageSizeCap: number;
  /** Unknown fields and enum values in every answer. */
  novelties: boolean;
  /** Leading and trailing blanks of texts are lost. */
  trimTexts: boolean;
  /** Parts of a batch run in another order than they are asked in. */
  shuffleBatch: boolean;
  /** Seconds an access token lives, used in turn. */
  accessTokenSeconds: number[];
  /** Notifications lost, doubled (every nth; 0 for none), and milliseconds of the emulator's clock that all are late. */
  pushLoseEvery: number;
  pushDoubleEvery: number;
  pushDelayMs: number;
  /** After so many notifications a channel says nothing any more, though it still lives; 0 for never. */
  pushDieAfter: number;
}

export function sharedDefaults(): SharedSettings {
  return {
    strict: true,
    latencyMs: 0,
    latencyPerPartMs: 0,
    emptyMiddlePage: false,
    pageSizeCap: 0,
    novelties: false,
    trimTexts: false,
    shuffleBatch: false,
    accessTokenSeconds: [],
    pushLoseEvery: 0,
    pushDoubleEvery: 0,
    pushDelayMs: 0,
    pushDieAfter: 0,
  };
}
