/** Who signs Google's ID tokens. */
export const ISSUER = 'https://accounts.google.com';
