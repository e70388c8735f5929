/** What connecting, changing and ending an account says in French. `en.ts` has the same shape: the compiler holds it to that. */
import type { ErrorCode } from '../../../../supabase/functions/_shared/errors.ts';

const s = (count: number) => (Math.abs(count) >= 2 ? 's' : '');

export const fr = {
  connect: {
    intro:
      'Vos rendez-vous Cassius apparaissent dans votre agenda et y restent à jour. Connecter le compte n’envoie encore rien : vous choisissez ensuite l’agenda et ce que les événements montrent.',
    sentTitle: 'Ce qui est synchronisé :',
    sent: [
      'la date, l’heure et le lieu de vos rendez-vous ;',
      'leur type, leur acte, leurs notes, le nom du patient et celui du praticien : moins si vous le choisissez, jusqu’à un simple « occupé » ;',
      'un lien qui ramène à Cassius ;',
      'vos événements vers Cassius, seulement si vous activez l’import.',
    ],
    neverTitle: 'Ce qui n’est jamais envoyé :',
    neverSent: [
      'un e-mail ou une invitation, à qui que ce soit ;',
      'les coordonnées ou le dossier d’un patient ;',
      'quoi que ce soit dans un autre agenda que celui que vous choisissez ;',
      'une modification d’un événement que Cassius n’a pas créé.',
    ],
    refusedTitle: 'La connexion n’a pas abouti',
    refusals: {
      CONSENT_REFUSED:
        'Vous avez refusé l’accès sur la page d’autorisation. Vous pouvez recommencer quand vous voulez.',
      INSUFFICIENT_SCOPE:
        'Une case est restée décochée sur la page d’autorisation. Recommencez et cochez toutes les cases : sans elles, Cassius ne peut ni lire ni écrire vos rendez-vous dans l’agenda.',
      NEED_RECONSENT: 'L’autorisation précédente n’est plus valable. Recommencez pour en donner une nouvelle.',
      OAUTH_STATE_INVALID:
        'Cette tentative a expiré, a déjà servi, ou a été commencée par quelqu’un d’autre. Recommencez depuis cette page.',
    } satisfies Partial<Record<ErrorCode, string>>,
  },
  disconnect: {
    title: (account: string) => `Déconnecter ${account} ?`,
    text: (account: string) =>
      `La synchronisation s’arrête et Cassius oublie l’accès à ${account}. Vos rendez-vous restent dans Cassius.`,
    eventsStay: (count: number) =>
      count > 1
        ? `${count} événements de Cassius y restent, avec ce qu’ils disent de vos patients, si vous ne les supprimez pas maintenant : sans accès, Cassius ne pourra plus le faire.`
        : 'Un événement de Cassius y reste, avec ce qu’il dit de votre patient, si vous ne le supprimez pas maintenant : sans accès, Cassius ne pourra plus le faire.',
    noEvents: 'Aucun événement de Cassius ne s’y trouve.',
    removeEvents: (count: number) =>
      count > 1 ? `Supprimer aussi ces ${count} événements de l’agenda` : 'Supprimer aussi cet événement de l’agenda',
    removeImpossible: 'Impossible : l’accès au compte a pris fin. Reconnectez-le d’abord pour les supprimer.',
    disconnected: 'Compte déconnecté',
  },
  other: {
    title: 'Un autre compte',
    text: (before: string, after: string) =>
      `Vous avez autorisé ${after}, mais c’est ${before} qui est relié. Rien n’a changé pour l’instant.`,
    textEnded: (before: string, after: string, count: number) =>
      `Vous avez autorisé ${after}. ${before}, relié auparavant, contient encore ${count} événement${
        s(count)
      } de Cassius. Rien n’a changé pour l’instant.`,
    question: 'Que voulez-vous faire ?',
    removeAndReplace: (before: string, count: number) =>
      `Remplacer, et retirer d’abord ${count > 1 ? `les ${count} événements` : 'l’événement'} de ${before}`,
    removeAndReplaceHint: (after: string) => `Puis ${after} est relié. Rien n’y est écrit avant votre accord.`,
    removeImpossible: (before: string) =>
      `Impossible : Cassius n’a plus accès à ${before}. Reconnectez d’abord ce compte, ou retirez ces événements vous-même.`,
    replace: (count: number) =>
      count === 0
        ? 'Remplacer'
        : `Remplacer, et laisser ${count > 1 ? `les ${count} événements` : 'l’événement'} sur place`,
    replaceHint: (before: string, after: string, count: number) =>
      count === 0
        ? `${after} est relié à la place de ${before}. Rien n’y est écrit avant votre accord.`
        : `Ce qui reste dans ${before}, avec ce qu’il dit de vos patients, n’est plus suivi par Cassius.`,
    keep: (before: string) => `Garder ${before}`,
    keepHint: (after: string) => `L’autorisation de ${after} est oubliée.`,
    keepEnded: (after: string) => `Ne pas relier ${after}`,
    confirm: 'Confirmer',
    later: 'Plus tard',
    waiting: (after: string) => `${after} attend votre décision.`,
    decide: 'Décider',
    replaced: (after: string) => `${after} est relié`,
    kept: (before: string) => `${before} reste relié`,
    keptEnded: (after: string) => `${after} n’est pas relié`,
  },
};
