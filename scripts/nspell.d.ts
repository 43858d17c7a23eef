/** Types of the part of nspell that is used; the package has none. */
declare module 'nspell' {
  export interface Speller {
    correct(word: string): boolean
    add(word: string): void
  }
  export default function nspell(aff: Uint8Array, dic: Uint8Array): Speller
}
