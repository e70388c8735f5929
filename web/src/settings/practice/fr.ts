const s = (count: number) => (Math.abs(count) >= 2 ? 's' : '');

/** What the practice and its people says in French. `en.ts` has the same shape: the compiler holds it to that. */
import type { PERSON_COLORS } from '../../parts/person.ts';
export const fr = {
  profile: {
    intro: 'Ce que vos collègues et les événements exportés disent de vous.',
    name: 'Nom affiché',
    nameHint: 'Il figure sur vos rendez-vous et dans la description des événements.',
    initials: 'Initiales',
    initialsHint: 'Trois signes au plus. Vide : celles du nom.',
    color: 'Couleur dans l’agenda',
    colorHint: 'Initiales et couleur marquent vos rendez-vous, pour tout le cabinet.',
    colors: {
      1: 'Sapin',
      2: 'Bleu',
      3: 'Violet',
      4: 'Rose',
      5: 'Orange',
      6: 'Vert',
      7: 'Indigo',
      8: 'Rouge',
      9: 'Cyan',
      10: 'Olive',
    } satisfies Record<typeof PERSON_COLORS[number], string>,
    email: 'Adresse e-mail',
    role: 'Rôle dans le cabinet',
    roles: { admin: 'Administrateur', practitioner: 'Praticien', secretary: 'Secrétariat' },
    language: 'Langue de l’interface',
    languages: { fr: 'Français', en: 'English' },
  },
  organisation: {
    intro: 'Ces réglages valent pour tout le cabinet.',
    readOnly: 'Seul un administrateur du cabinet peut modifier ces réglages.',
    name: 'Nom du cabinet',
    zone: 'Fuseau horaire',
    zoneHint: (time: string) => `Tous les horaires sont affichés dans ce fuseau. Il y est ${time}.`,
    zoneUnknown: 'Ce fuseau horaire n’existe pas : choisissez-en un dans la liste',
    duration: 'Durée par défaut',
    minutes: 'minutes',
    durationHint: 'Pour l’événement d’un rendez-vous sans heure de fin.',
    titleHeading: 'Texte des événements exportés',
    language: 'Langue des événements',
    languages: { fr: 'Français', en: 'English' },
    languageHint: 'Celle des mots que Cassius écrit lui-même, quelle que soit la langue de qui les lit.',
    template: 'Modèle de titre',
    templateHint:
      'Insérez les éléments voulus ; ceux qui manquent à un rendez-vous disparaissent avec leur séparateur.',
    insert: (what: string) => `Insérer : ${what}`,
    placeholders: {
      type: 'type',
      patient: 'patient',
      practitioner: 'praticien',
      act: 'acte',
      location: 'lieu',
    },
    unknownPlaceholder: (names: string) => `Élément inconnu, laissé tel quel : ${names}`,
    preview: 'Aperçu',
    rewrites: 'Les événements déjà envoyés seront mis à jour.',
  },
  members: {
    heading: 'Membres du cabinet',
    you: 'vous',
    noLogin: 'sans accès à Cassius',
    roleOf: (name: string) => `Rôle de ${name}`,
    change: 'Changer le rôle',
    changed: (name: string, role: string) => `${name} : ${role}`,
    becomesAdmin: 'Pourra modifier les réglages du cabinet et gérer ses membres.',
    noLongerAdmin: 'Ne pourra plus modifier les réglages du cabinet ni gérer ses membres.',
    ownOnly:
      'Son agenda personnel ne recevra plus que ses propres rendez-vous : s’il recevait ceux de tout le cabinet, ceux de ses collègues en seront retirés.',
    roleChanges: 'Le rôle change dès maintenant.',
    yourself: 'C’est vous : vous ne pourrez pas revenir en arrière sans un autre administrateur.',
    lastAdministrator: 'Seul administrateur du cabinet : nommez-en un autre avant de changer ce rôle ou de le retirer.',
    remove: 'Retirer',
    removeNamed: (name: string) => `Retirer ${name}`,
    removeTitle: (name: string) => `Retirer ${name} du cabinet ?`,
    removeText:
      'Cette personne perd aussitôt l’accès au cabinet, et plus rien n’est envoyé vers ses agendas. Les rendez-vous restent dans Cassius.',
    noConnections: 'Aucun agenda n’est relié.',
    connection: (calendar: string, account: string, events: number) =>
      events === 0
        ? `${calendar}, ${account} : aucun événement de Cassius`
        : `${calendar}, ${account} : ${events} événement${s(events)} de Cassius`,
    unreachable: 'Cassius n’a plus accès à ce compte : ces événements y resteront.',
    removeEvents: (count: number) =>
      count > 1 ? `Retirer aussi les ${count} événements de son agenda` : 'Retirer aussi l’événement de son agenda',
    removeEventsHint:
      'Sinon ils y restent, avec ce qu’ils disent de vos patients, et Cassius ne pourra plus les retirer.',
    removed: (name: string) => `${name} ne fait plus partie du cabinet`,
    removing: (name: string, count: number) =>
      `${name} ne fait plus partie du cabinet ; ${count} événement${s(count)} en cours de retrait`,
  },
};
