/** Who claimed which credential; asked at each request that names no workspace. */
export interface Claims {
  hasCredentials(vendor: string): boolean
  ownerOf(vendor: string, credential: string): string | undefined
  /** Where several processes share claims: whether there were others than those known here; they are known from then on. */
  refresh?(): Promise<boolean> | undefined
}
