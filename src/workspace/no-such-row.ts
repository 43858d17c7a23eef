/** The row that something was to happen to is not there any more: reset, restored, dropped or cancelled. Whoever throws it writes nothing. */
export class RowGone extends Error {
  override readonly name = 'RowGone'
}
