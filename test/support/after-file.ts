/** Work to do after the tests of the current file; test/support/setup.ts runs and empties it. Test files share modules, so an `afterAll` of a module would run after the first file only. */
export const afterFile: (() => Promise<void> | void)[] = []
