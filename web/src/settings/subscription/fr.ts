/** What the page of the subscription address says in French. `en.ts` has the same shape: the compiler holds it to that. */
export const fr = {
  title: 'Abonnement',
  intro:
    'Pour un agenda qui ne peut pas être connecté : une adresse privée, en lecture seule, où il lit vos rendez-vous. Elle montre les deux dernières semaines et les six mois à venir.',
  detail: 'Ce que l’adresse montre',
  detailHint: 'Qui connaît l’adresse lit ces rendez-vous, sans mot de passe. « Occupé » en dit le moins.',
  heading: 'Votre adresse',
  none: 'Aucune adresse n’existe.',
  exists: (since: string) =>
    `Une adresse existe depuis le ${since}. Elle n’est plus affichée : remplacez-la au besoin.`,
  address: 'Adresse d’abonnement',
  once:
    'Copiez-la maintenant : elle n’est affichée que cette fois. Dans votre agenda, choisissez « S’abonner à un calendrier » et collez-la.',
  copy: 'Copier',
  copied: 'Adresse copiée',
  make: 'Créer l’adresse',
  replace: 'Remplacer l’adresse',
  replaceTitle: 'Remplacer l’adresse ?',
  replaceText: 'L’adresse actuelle cesse aussitôt de fonctionner : vos agendas devront s’abonner à la nouvelle.',
  end: 'Mettre fin à l’abonnement',
  endTitle: 'Mettre fin à l’abonnement ?',
  endText: 'L’adresse cesse aussitôt de fonctionner. Ce qu’un agenda a déjà lu, il peut le garder un moment.',
  ended: 'L’abonnement a pris fin',
};
