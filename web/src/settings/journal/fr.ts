/** What the journal says in French. `en.ts` has the same shape: the compiler holds it to that. */
import type { ITEM_ACTIONS, RUN_TRIGGERS } from '../../../../supabase/functions/_shared/vocabulary.ts';

const s = (count: number) => (count >= 2 ? 's' : '');

export const fr = {
  done: {
    create: 'Créé',
    update: 'Mis à jour',
    delete: 'Supprimé',
    cancel: 'Annulé',
    conflict: 'Conflit',
    skip: 'Ignoré',
    fail: 'Échec',
    hold: 'Retenu',
  } satisfies Record<typeof ITEM_ACTIONS[number], string>,
  report: {
    title: 'Rapport',
    import: 'Import',
    preview: 'Aperçu d’import',
    export: 'Export',
    started: 'Début',
    duration: 'Durée',
    running: 'en cours',
    trigger: 'Déclenché par',
    triggers: {
      change: 'un changement dans Cassius',
      manual: 'vous',
      schedule: 'la vérification régulière',
      push: 'un changement dans l’agenda',
    } satisfies Record<typeof RUN_TRIGGERS[number], string>,
    window: 'Période',
    error: 'Terminé par une erreur',
    counts: {
      created: 'créés',
      updated: 'mis à jour',
      deleted: 'supprimés',
      skipped: 'ignorés',
      cancelled: 'annulés',
      failed: 'erreurs',
      conflicts: 'conflits',
    },
    items: 'Détail',
    filter: 'Afficher',
    all: 'Tout',
    search: 'Rechercher',
    when: 'Quand',
    what: 'Élément',
    action: 'Action',
    reason: 'Raison',
    noItems: 'Cette exécution n’a rien modifié.',
    nothingFound: 'Rien ne correspond à ce filtre.',
    more: 'Afficher plus',
    csv: 'Télécharger en CSV',
    cut: (count: number) =>
      `Les ${
        new Intl.NumberFormat('fr-FR').format(count)
      } premières lignes ; les compteurs ci-dessus disent tout ce qui a été fait.`,
    shown: (shown: number, total: number) => `${shown} sur ${total}`,
    gone: 'Ce rapport n’existe plus : les rapports sont gardés 90 jours.',
    removedEvent: 'Événement supprimé',
    csvColumns: [
      'date',
      'heure',
      'patient',
      'praticien',
      'élément',
      'action',
      'raison',
      'traité le',
      'rendez-vous',
      'événement',
      'agenda',
    ],
  },
  undo: {
    open: 'Annuler cet import',
    title: 'Annuler cet import ?',
    text:
      'Ce qu’il a créé, déplacé ou annulé dans Cassius redevient comme avant, là où rien n’a changé depuis. Si des événements de l’agenda en font partie, son import automatique est coupé : la prochaine lecture ramènerait tout. Rien n’est modifié dans l’agenda, sauf pour vos propres rendez-vous, dont l’événement suit.',
    keep: 'Ne rien changer',
    undone: (when: string) => `Cet import a été annulé le ${when}.`,
    done: (count: number) =>
      count === 0
        ? 'Rien n’a pu être remis en place.'
        : count === 1
        ? '1 élément remis en place'
        : `${count} éléments remis en place`,
    importEnded: 'L’import automatique de cet agenda est coupé. Vous pouvez le réactiver dans les réglages.',
    kept: (count: number) => count === 1 ? '1 élément reste tel quel :' : `${count} éléments restent tels quels :`,
    reasons: { changed: 'modifié depuis', gone: 'n’existe plus ici' },
    more: (count: number) => `et ${count} de plus`,
  },
  security: {
    intro: 'Qui est relié à quoi, ce que la synchronisation a fait, et vos sessions.',
    accounts: 'Comptes connectés',
    noAccounts: 'Aucun compte d’agenda n’est connecté.',
    since: (when: string) => `depuis le ${when}`,
    colleague: 'connecté par un collègue',
    manage: 'Gérer',
    manageNamed: (name: string) => `Gérer ${name}`,
    journal: 'Journal de synchronisation',
    noRuns: 'Aucune synchronisation pour le moment.',
    more: 'Afficher les précédentes',
    changes: {
      created: (count: number) => `${count} créé${s(count)}`,
      updated: (count: number) => `${count} mis à jour`,
      deleted: (count: number) => `${count} supprimé${s(count)}`,
      cancelled: (count: number) => `${count} annulé${s(count)}`,
      conflicts: (count: number) => `${count} conflit${s(count)}`,
      failed: (count: number) => `${count} erreur${s(count)}`,
    },
    nothing: 'aucun changement',
    details: 'Détail',
    detailsOf: (what: string) => `Détail : ${what}`,
    session: 'Session',
    signedInAs: (email: string) => `Connecté en tant que ${email}.`,
    signOutHere: 'Se déconnecter de cet appareil',
    signOutEverywhere: 'Se déconnecter de tous les appareils',
  },
};
