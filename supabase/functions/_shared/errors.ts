/**
 * The one error type of the product. Everything that can go wrong on purpose is a {@link SyncError}: a stable code, whether
 * trying again can help, and a context that is safe to log (ids and counts, never names or tokens).
 */

/** One row of the error table: `docs/errors.md` shows the same rows, and a test compares the two. */
export interface ErrorKind {
  /** HTTP status with which the code leaves an Edge Function. */
  readonly status: number;
  /** Whether the same request can succeed later with nothing done about it. */
  readonly retryable: boolean;
  /** What a person reads. */
  readonly message: { readonly fr: string; readonly en: string };
}

export const ERROR_KINDS = {
  UNAUTHENTICATED: {
    status: 401,
    retryable: false,
    message: { fr: 'Votre session a expiré : reconnectez-vous', en: 'Your session has ended: sign in again' },
  },
  AUTH_UNAVAILABLE: {
    status: 503,
    retryable: true,
    message: {
      fr: 'Votre session n’a pas pu être vérifiée : réessayez dans un instant',
      en: 'Your session could not be checked: try again in a moment',
    },
  },
  FORBIDDEN: {
    status: 403,
    retryable: false,
    message: { fr: 'Cette action ne vous est pas permise', en: 'You may not do this' },
  },
  INVALID_REQUEST: {
    status: 400,
    retryable: false,
    message: { fr: 'La demande est mal formée', en: 'The request is malformed' },
  },
  NOT_FOUND: {
    status: 404,
    retryable: false,
    message: { fr: 'Cette adresse n’existe pas', en: 'This address does not exist' },
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retryable: false,
    message: { fr: 'Cette méthode n’est pas acceptée ici', en: 'This method is not accepted here' },
  },
  NOT_CONNECTED: {
    status: 400,
    retryable: false,
    message: {
      fr: 'Aucun agenda n’est connecté : connectez votre compte',
      en: 'No calendar is connected: connect your account',
    },
  },
  NO_TARGET_CALENDAR: {
    status: 400,
    retryable: false,
    message: {
      fr: 'Aucun agenda cible n’est choisi : choisissez-en un',
      en: 'No target calendar is chosen: choose one',
    },
  },
  NO_EVENT_DETAIL: {
    status: 400,
    retryable: false,
    message: {
      fr: 'Choisissez d’abord ce que les événements montreront',
      en: 'First choose what the events will show',
    },
  },
  NEED_RECONSENT: {
    status: 409,
    retryable: false,
    message: {
      fr: 'L’accès à l’agenda a pris fin : reconnectez le compte',
      en: 'Access to the calendar has ended: reconnect the account',
    },
  },
  CREDENTIAL_UNREADABLE: {
    status: 409,
    retryable: false,
    message: {
      fr: 'L’accès enregistré à l’agenda ne peut plus être lu : reconnectez le compte',
      en: 'The stored access to the calendar can no longer be read: reconnect the account',
    },
  },
  INSUFFICIENT_SCOPE: {
    status: 403,
    retryable: false,
    message: {
      fr: 'Une autorisation nécessaire n’a pas été accordée : reconnectez le compte et cochez toutes les cases',
      en: 'A required permission was not granted: reconnect the account and tick every box',
    },
  },
  CONSENT_REFUSED: {
    status: 403,
    retryable: false,
    message: {
      fr: 'La connexion a été refusée : rien n’a changé',
      en: 'The connection was refused: nothing has changed',
    },
  },
  OAUTH_STATE_INVALID: {
    status: 400,
    retryable: false,
    message: {
      fr: 'Cette demande de connexion n’est plus valable : recommencez depuis les réglages',
      en: 'This connection attempt is no longer valid: start again from the settings',
    },
  },
  CALENDAR_NOT_FOUND: {
    status: 404,
    retryable: false,
    message: {
      fr: 'Cet agenda est introuvable : choisissez-en un autre',
      en: 'This calendar was not found: choose another',
    },
  },
  CALENDAR_READ_ONLY: {
    status: 403,
    retryable: false,
    message: {
      fr: 'Cet agenda est en lecture seule : choisissez-en un autre',
      en: 'This calendar is read-only: choose another',
    },
  },
  EVENT_NOT_FOUND: {
    status: 404,
    retryable: false,
    message: { fr: 'L’événement n’existe plus dans l’agenda', en: 'The event no longer exists in the calendar' },
  },
  VERSION_CONFLICT: {
    status: 409,
    retryable: true,
    message: {
      fr: 'L’événement a changé entre-temps dans l’agenda',
      en: 'The event has changed in the calendar meanwhile',
    },
  },
  CHANGED_BOTH_SIDES: {
    status: 409,
    retryable: false,
    message: {
      fr: 'Le rendez-vous a changé ici et dans l’agenda : choisissez la version à garder',
      en: 'The appointment changed here and in the calendar: choose which version to keep',
    },
  },
  DELETED: {
    status: 409,
    retryable: false,
    message: {
      fr: 'L’événement a été supprimé dans l’agenda : choisissez ce que devient le rendez-vous',
      en: 'The event was deleted in the calendar: choose what becomes of the appointment',
    },
  },
  RESTORED: {
    status: 409,
    retryable: false,
    message: {
      fr: 'Un événement qui avait pris fin est de retour dans l’agenda : choisissez ce qu’il devient',
      en: 'An event that had ended is back in the calendar: choose what becomes of it',
    },
  },
  MASS_CHANGE: {
    status: 409,
    retryable: false,
    message: {
      fr: 'Trop de changements à la fois dans l’agenda : rien n’a été appliqué, votre accord est demandé',
      en: 'Too many changes at once in the calendar: nothing was applied, your consent is asked for',
    },
  },
  INVALID_EVENT: {
    status: 400,
    retryable: false,
    message: {
      fr: 'L’agenda refuse ce rendez-vous : vérifiez ses dates et ses textes',
      en: 'The calendar refuses this appointment: check its dates and texts',
    },
  },
  PERMISSION_DENIED: {
    status: 403,
    retryable: false,
    message: { fr: 'L’agenda refuse cette modification', en: 'The calendar refuses this change' },
  },
  ID_EXHAUSTED: {
    status: 409,
    retryable: false,
    message: {
      fr: 'L’événement n’a pas pu être recréé : réessayez',
      en: 'The event could not be created again: try again',
    },
  },
  PUSH_UNSUPPORTED: {
    status: 400,
    retryable: false,
    message: {
      fr: 'Cet agenda ne signale pas ses changements : il est consulté régulièrement',
      en: 'This calendar does not announce its changes: it is read regularly',
    },
  },
  PREVIEW_OUTDATED: {
    status: 409,
    retryable: false,
    message: {
      fr: 'L’agenda a changé depuis l’aperçu : affichez un nouvel aperçu',
      en: 'The calendar has changed since the preview: look at a new preview',
    },
  },
  CONFLICT_OUTDATED: {
    status: 409,
    retryable: false,
    message: {
      fr: 'La situation a changé depuis que ce conflit a été affiché : relisez-le avant de décider',
      en: 'The situation has changed since this conflict was shown: look at it again before deciding',
    },
  },
  CONFLICT_CLOSED: {
    status: 409,
    retryable: false,
    message: { fr: 'Ce conflit a déjà été résolu autrement', en: 'This conflict was already resolved differently' },
  },
  CONFLICT_NOT_FOUND: {
    status: 404,
    retryable: false,
    message: { fr: 'Ce conflit est introuvable', en: 'This conflict was not found' },
  },
  APPOINTMENT_NOT_FOUND: {
    status: 404,
    retryable: false,
    message: { fr: 'Ce rendez-vous est introuvable', en: 'This appointment was not found' },
  },
  SYNC_PAUSED: {
    status: 503,
    retryable: true,
    message: {
      fr: 'La synchronisation est suspendue par l’équipe technique : elle reprendra d’elle-même, rien n’est perdu',
      en: 'The sync is paused by the technical team: it resumes by itself, nothing is lost',
    },
  },
  RATE_LIMITED: {
    status: 429,
    retryable: true,
    message: {
      fr: 'L’agenda demande de ralentir : la synchronisation reprendra d’elle-même',
      en: 'The calendar asks us to slow down: the sync resumes by itself',
    },
  },
  QUOTA_EXCEEDED: {
    status: 429,
    retryable: true,
    message: {
      fr: 'La limite d’usage de l’agenda est atteinte : la synchronisation reprendra d’elle-même dans quelques heures',
      en: 'The calendar’s usage limit is reached: the sync resumes by itself in a few hours',
    },
  },
  PROVIDER_UNAVAILABLE: {
    status: 503,
    retryable: true,
    message: {
      fr: 'L’agenda ne répond pas : la synchronisation reprendra d’elle-même',
      en: 'The calendar does not answer: the sync resumes by itself',
    },
  },
  UNEXPECTED_RESPONSE: {
    status: 502,
    retryable: true,
    message: {
      fr: 'L’agenda a donné une réponse incompréhensible : rien n’a été modifié',
      en: 'The calendar gave an answer that cannot be understood: nothing was changed',
    },
  },
  CURSOR_EXPIRED: {
    status: 410,
    retryable: true,
    message: { fr: 'L’agenda doit être relu en entier', en: 'The calendar must be read again in full' },
  },
  DUPLICATE_CREATE: {
    status: 409,
    retryable: true,
    message: { fr: 'Un événement porte déjà cet identifiant', en: 'An event already has this identifier' },
  },
  SYNC_FAILED: {
    status: 500,
    retryable: true,
    message: {
      fr: 'La synchronisation a échoué : elle sera retentée d’elle-même',
      en: 'The sync failed: it will be tried again by itself',
    },
  },
  IMPORT_FAILED: {
    status: 500,
    retryable: true,
    message: { fr: 'L’import a échoué : rien n’a été perdu', en: 'The import failed: nothing was lost' },
  },
  CONFIGURATION_ERROR: {
    status: 500,
    retryable: false,
    message: {
      fr: 'Le service est mal configuré : l’équipe technique est prévenue',
      en: 'The service is misconfigured: the technical team has been told',
    },
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KINDS;

/** Safe to log: ids, counts, statuses, provider codes. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface SyncErrorOptions {
  readonly cause?: unknown;
  readonly context?: ErrorContext;
  /** Overrides the code's own answer to "can trying again help". */
  readonly retryable?: boolean;
}

/** Messages say the action that failed and, after a colon, the state: `Create event: the answer has no id`. */
export class SyncError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly context: ErrorContext;

  constructor(code: ErrorCode, message: string, options: SyncErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? ERROR_KINDS[code].retryable;
    this.context = options.context ?? {};
  }

  get status(): number {
    return ERROR_KINDS[this.code].status;
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_KINDS, value);
}
