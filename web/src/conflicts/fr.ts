/** What the conflicts say in French. `en.ts` has the same shape: the compiler holds it to that. */
export const fr = {
  title: 'Conflits',
  intro: 'Rien n’est écrasé : chacun de ces cas attend votre décision.',
  empty: 'Aucun conflit : Cassius et vos agendas sont d’accord.',
  waiting: (count: number) => count === 1 ? '1 décision attendue' : `${count} décisions attendues`,
  first: (count: number) => `Les ${count} premières décisions attendues ; les autres suivront`,
  gone: 'Ce conflit n’attend plus de décision.',
  reason: {
    time_overlap: 'Deux choses à la même heure',
    changed_both_sides: 'Les deux versions diffèrent',
    changed_in_calendar: (account: string) => `Modifié dans ${account}`,
    deleted: (account: string) => `Supprimé dans ${account}`,
    restored: (account: string) => `De retour dans ${account}`,
    mass_change: 'Changement massif, mis en attente',
  },
  what: {
    time_overlap: (account: string) =>
      `Un événement de ${account} chevauche ce rendez-vous du même praticien. Les deux existent toujours.`,
    both: (account: string) => `Le rendez-vous a changé dans Cassius et son événement a changé dans ${account}.`,
    calendar: (account: string) => `L’événement de ce rendez-vous a été modifié dans ${account}.`,
    deleted: (account: string) =>
      `L’événement de ce rendez-vous a été supprimé dans ${account}. Le rendez-vous existe toujours.`,
    restored: (account: string, event: string) =>
      `L’événement ${event} d’un rendez-vous annulé ou supprimé est de retour dans ${account}.`,
    restoredBeside: (account: string, event: string) =>
      `Un ancien événement de ce rendez-vous, ${event}, est de retour dans ${account} et a été modifié. Le rendez-vous en a un autre.`,
    deletedBoth: (account: string) =>
      `L’événement a été supprimé dans ${account} pendant que le rendez-vous changeait dans Cassius.`,
  },
  columns: {
    field: 'Champ',
    cassius: 'Cassius',
    base: 'Dernier accord',
  },
  fields: {
    title: 'Titre',
    description: 'Description',
    location: 'Lieu',
    time: 'Horaire',
    availability: 'Disponibilité',
    visibility: 'Visibilité',
  },
  value: {
    busy: 'occupé',
    free: 'disponible',
    normal: 'visible',
    private: 'privé',
    empty: '—',
    allDay: 'toute la journée',
    absent: 'supprimé',
    unknown: 'inconnu',
  },
  differs: 'diffère',
  noTitle: 'Rendez-vous supprimé de Cassius',
  openAppointment: 'Voir dans l’agenda',
  since: (ago: string) => `Signalé ${ago}`,
  choose: 'Que faire ?',
  action: {
    keep_cassius: 'Garder Cassius',
    keep_calendar: (account: string) => `Garder ${account}`,
    duplicate: 'Dupliquer',
    ignore: 'Ignorer',
  },
  label: {
    time_overlap: {
      keep_cassius: () => 'Garder les deux',
      keep_calendar: () => 'Annuler le rendez-vous',
      duplicate: () => 'Ajouter aussi comme rendez-vous',
      ignore: () => '',
    },
    time_overlaps: {
      keep_cassius: () => 'Tout garder',
      keep_calendar: () => 'Annuler ces rendez-vous',
      duplicate: () => 'Ajouter aussi comme rendez-vous',
      ignore: () => '',
    },
    changed_both_sides: {
      keep_cassius: () => 'Garder la version de Cassius',
      keep_calendar: (account: string) => `Prendre la version de ${account}`,
      duplicate: () => 'Garder les deux versions',
      ignore: () => 'Laisser chacun tel quel',
    },
    imported: {
      keep_cassius: () => 'Garder la version de Cassius',
      keep_calendar: (account: string) => `Prendre la version de ${account}`,
      duplicate: () => 'Garder les deux versions',
      ignore: () => '',
    },
    deleted: {
      keep_cassius: () => 'Recréer l’événement',
      keep_calendar: () => 'Annuler le rendez-vous',
      duplicate: () => '',
      ignore: () => 'Ne plus l’envoyer',
    },
    restored: {
      keep_cassius: () => 'Retirer l’événement',
      keep_calendar: () => 'Rétablir le rendez-vous',
      duplicate: () => '',
      ignore: () => 'Laisser les deux',
    },
    mass_change: {
      keep_cassius: (account: string) => `Tout rétablir dans ${account}`,
      keep_calendar: () => 'Appliquer ces changements',
      duplicate: () => '',
      ignore: () => 'Laisser chacun tel quel',
    },
  },
  effect: {
    time_overlap: {
      keep_cassius: () => 'Les deux restent où ils sont ; la question est close.',
      keep_calendar: () => 'Le rendez-vous est annulé dans Cassius ; l’événement reste.',
      duplicate: () => 'L’événement devient aussi un rendez-vous dans Cassius, à côté du premier.',
      ignore: () => '',
    },
    time_overlaps: {
      keep_cassius: () => 'Tout reste où il est ; la question est close.',
      keep_calendar: () => 'Tous ces rendez-vous sont annulés dans Cassius ; l’agenda reste tel quel.',
      duplicate: () => 'Ce qui est dans l’agenda devient aussi un rendez-vous dans Cassius, à côté des autres.',
      ignore: () => '',
    },
    changed_both_sides: {
      keep_cassius: (account: string) => `La version de Cassius remplace celle de ${account}.`,
      keep_calendar: () => 'L’horaire et le lieu de l’agenda remplacent ceux du rendez-vous.',
      duplicate: (account: string) =>
        `Le rendez-vous garde sa version, dans ${account} aussi ; l’autre version devient un second rendez-vous.`,
      ignore: () => 'Rien ne change ; le prochain vrai changement décidera.',
    },
    imported: {
      keep_cassius: (account: string) => `Le rendez-vous reste tel quel ; l’événement de ${account} n’est pas touché.`,
      keep_calendar: () => 'Le titre, l’horaire et le lieu de l’événement remplacent ceux du rendez-vous.',
      duplicate: () => 'Le rendez-vous reste tel quel ; l’événement devient un second rendez-vous.',
      ignore: () => '',
    },
    deleted: {
      keep_cassius: (account: string) => `L’événement est recréé dans ${account}.`,
      keep_calendar: () => 'Le rendez-vous est annulé dans Cassius.',
      duplicate: () => '',
      ignore: (account: string) => `Rien ne change ; le rendez-vous n’est plus envoyé à ${account}.`,
    },
    restored: {
      keep_cassius: (account: string) =>
        `L’événement est retiré de ${account} ; le rendez-vous reste tel qu’il est dans Cassius.`,
      keep_calendar: () => 'Le rendez-vous a de nouveau lieu, avec l’horaire et le lieu de l’événement.',
      duplicate: () => '',
      ignore: (account: string) => `Rien ne change : l’événement reste dans ${account}, le rendez-vous tel qu’il est.`,
    },
    mass_change: {
      keep_cassius: (account: string) =>
        `Rien n’est repris de ${account} ; Cassius y rétablit les événements de ses rendez-vous.`,
      keep_calendar: (account: string) => `Tous ces changements de ${account} sont appliqués.`,
      duplicate: () => '',
      ignore: (account: string) =>
        `Rien n’est repris, rien n’est rétabli : Cassius et ${account} restent chacun comme ils sont.`,
    },
  },
  notBookable: 'Impossible ici : cet horaire (journée entière ou durée nulle) n’est pas celui d’un rendez-vous.',
  overlaps: {
    subject: (events: number, count: number) =>
      `${events} événements et ${count === 1 ? '1 rendez-vous' : `${count} rendez-vous`} aux mêmes heures`,
    what: (account: string, events: number, count: number) =>
      `${events === 1 ? 'Un événement' : `${events} événements`} de ${account} ${
        events === 1 ? 'chevauche' : 'chevauchent'
      } ${
        count === 1 ? '1 rendez-vous' : `${count} rendez-vous`
      } du même praticien. Tous existent toujours : votre décision vaut pour tous.`,
    appointments: 'Rendez-vous concernés',
  },
  mass: {
    what: (account: string, cancelled: number, moved: number, known: number) =>
      `${account} annonce d’un coup ${
        [
          cancelled > 0 && (cancelled === 1 ? '1 suppression' : `${cancelled} suppressions`),
          moved > 0 && (moved === 1 ? '1 déplacement' : `${moved} déplacements`),
        ].filter(Boolean).join(' et ')
      } sur ${known} événements connus. Rien n’a été appliqué.`,
    sample: 'Par exemple',
    more: (count: number) => count === 1 ? 'et 1 autre' : `et ${count} autres`,
  },
  batch: {
    all: 'Tout choisir',
    choose: (what: string) => `Choisir : ${what}`,
    chosen: (count: number) => count === 1 ? '1 choisi' : `${count} choisis`,
    apply: 'Pour les conflits choisis',
    running: (done: number, count: number) => `${done} sur ${count} traités…`,
    done: (count: number) => count === 1 ? '1 conflit traité' : `${count} conflits traités`,
    failed: (count: number) =>
      count === 1 ? '1 conflit n’a pas pu être traité' : `${count} conflits n’ont pas pu être traités`,
    question: (action: string, count: number) => `${action} pour ${count === 1 ? '1 conflit' : `${count} conflits`} ?`,
    confirm: 'Décider',
  },
  question: {
    keep: 'Ne rien décider',
    cancels: (count: number) => count === 1 ? 'Annuler ce rendez-vous ?' : `Annuler ${count} rendez-vous ?`,
    cancel: (count: number) => count === 1 ? 'Oui, annuler ce rendez-vous' : `Oui, annuler ces ${count} rendez-vous`,
    cancelled: (count: number) =>
      count === 1
        ? 'Ce rendez-vous sera annulé dans Cassius :'
        : `Ces ${count} rendez-vous seront annulés dans Cassius :`,
    mass: 'Appliquer ces changements ?',
    apply: 'Oui, les appliquer',
  },
  move: {
    open: 'Déplacer le rendez-vous',
    effect: 'Un créneau libre vous est proposé ; l’événement reste.',
    short: 'Déplacer',
    one: (what: string) => `Déplacer : ${what}`,
    free: (when: string) => `Prochain créneau libre : ${when}`,
    noneFree: 'Aucun créneau libre dans les deux semaines.',
    taken: 'Ce créneau vient d’être pris : en voici un autre.',
    take: 'Déplacer à cette heure',
    other: 'Un autre créneau',
    byHand: 'Choisir dans l’agenda',
    keep: 'Ne rien déplacer',
    done: (when: string) => `Rendez-vous déplacé : ${when}`,
    gone: 'Ce rendez-vous n’existe plus.',
  },
  outdated: 'La situation vient de changer : voici la version actuelle. Rien n’a été décidé.',
  outdatedGone: 'La situation a changé : ce conflit n’existe plus.',
  done: {
    resolved: 'Conflit résolu',
    ignored: 'Conflit ignoré',
  },
  undo: {
    done: (count: number) =>
      count === 1
        ? 'C’est annulé : tout est comme avant, et la question est de nouveau posée'
        : `${count} décisions annulées : les questions sont de nouveau posées`,
    failed: (count: number) =>
      count === 1 ? '1 décision n’a pas été annulée.' : `${count} décisions n’ont pas été annulées.`,
  },
};
