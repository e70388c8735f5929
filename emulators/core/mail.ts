/** One mail that the provider would have sent to guests. */
export interface Mail {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly account: string;
  readonly calendarId: string;
  readonly eventId: string;
  readonly kind: 'invitation' | 'update' | 'cancellation';
  readonly to: readonly string[];
}
