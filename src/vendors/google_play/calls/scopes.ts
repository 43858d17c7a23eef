/** The scope that the whole API needs. */
export const publisherScope = 'https://www.googleapis.com/auth/androidpublisher'
