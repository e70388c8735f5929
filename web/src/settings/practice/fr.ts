/** What the practice and its people says in French. `en.ts` has the same shape: the compiler holds it to that. */
export const fr = {
  profile: {
    intro: 'Ce que vos collègues et les événements exportés disent de vous.',
    name: 'Nom affiché',
    nameHint: 'Il figure sur vos rendez-vous et dans la description des événements.',
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
    titleHeading: 'Titre des événements exportés',
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
};
