/** Who claimed which credential; asked at each request that names no workspace. */
export interface Claims {
  hasCredentials(vendor: string): boolean
  ownerOf(vendor: string, credential: string): string | undefined
}
