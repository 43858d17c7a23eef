/** The part of nspell that is used; it brings no types of its own. */
declare module 'nspell' {
  export interface Speller {
    correct(word: string): boolean
    add(word: string): void
  }
  export default function nspell(aff: Uint8Array, dic: Uint8Array): Speller
}
